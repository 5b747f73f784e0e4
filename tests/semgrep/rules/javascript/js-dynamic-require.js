function plugin(req, res) {
  // ruleid: js-dynamic-require
  const handler = require("./plugins/" + req.params.plugin);
  handler(req, res);
}

async function lazy(req, res) {
  const name = req.query.locale;
  // ruleid: js-dynamic-require
  const texts = await import(`./locales/${name}.js`);
  res.json(texts.default);
}

function direct(req, res) {
  const { module } = req.body;
  // ruleid: js-dynamic-require
  res.json(Object.keys(require(module)));
}

function constantSafe(req, res) {
  // ok: js-dynamic-require
  const format = require("./format");
  res.json(format(req.query.value));
}

function tableSafe(req, res) {
  const known = { en: "./en.js", de: "./de.js" };
  // ok: js-dynamic-require
  res.json(require(known[req.query.locale]));
}

async function checkedSafe(req, res) {
  const name = req.query.locale;
  if (!LOCALES.has(name)) return res.sendStatus(404);
  // ok: js-dynamic-require
  return res.json(await import(`./locales/${name}.js`));
}
