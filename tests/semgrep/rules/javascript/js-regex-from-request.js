const _ = require("lodash");

app.get("/find", (req, res) => {
  // ruleid: js-regex-from-request
  const wanted = new RegExp(req.query.q, "i");
  res.json(names.filter((name) => wanted.test(name)));
});

app.get("/users", async (req, res) => {
  const { prefix } = req.query;
  // ruleid: js-regex-from-request
  res.json(await User.find({ name: RegExp("^" + prefix) }));
});

app.post("/match", (req, res) => {
  const text = `${req.body.word}+$`;
  // ruleid: js-regex-from-request
  res.json({ found: new RegExp(text).test(page) });
});

app.get("/find/safe", (req, res) => {
  // ok: js-regex-from-request
  const wanted = new RegExp(_.escapeRegExp(req.query.q), "i");
  res.json(names.filter((name) => wanted.test(name)));
});

app.get("/constant", (req, res) => {
  // ok: js-regex-from-request
  const code = new RegExp("^[a-z]{2}$");
  res.json({ ok: code.test(req.query.code) });
});

app.get("/replaced", (req, res) => {
  const text = req.query.q.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  // ok: js-regex-from-request
  res.json({ found: new RegExp(text).test(page) });
});
