const xpath = require("xpath");

function login(req, res) {
  // ruleid: js-xpath-injection
  const found = xpath.select("//user[name='" + req.body.name + "']", users);
  res.json({ ok: found.length > 0 });
}

function price(req, res) {
  const { id } = req.params;
  const expression = `//item[@id="${id}"]/price`;
  // ruleid: js-xpath-injection
  res.json(xpath.select1(expression, catalogue));
}

function parsed(req, res) {
  // ruleid: js-xpath-injection
  const expression = xpath.parse(req.query.path);
  res.json(expression.select({ node: catalogue }));
}

function numberSafe(req, res) {
  // ok: js-xpath-injection
  res.json(xpath.select(`//item[${Number(req.params.n)}]`, catalogue));
}

function variableSafe(req, res) {
  const expression = xpath.parse("//user[name=$name]");
  // ok: js-xpath-injection
  res.json(expression.select({ node: users, variables: { name: req.body.name } }));
}

function constantSafe(req, res) {
  // ok: js-xpath-injection
  const all = xpath.select("//user/name/text()", users);
  res.json(all.filter((node) => node.data === req.query.name).length);
}
