const _ = require("lodash");
const deepmerge = require("deepmerge");
const objectPath = require("object-path");

app.patch("/settings", (req, res) => {
  // ruleid: js-prototype-pollution-merge
  _.merge(req.user.settings, req.body);
  res.json(req.user.settings);
});

app.post("/config", (req, res) => {
  const wanted = JSON.parse(req.body.config);
  // ruleid: js-prototype-pollution-merge
  const config = deepmerge(defaults, wanted);
  res.json(config);
});

app.put("/field", (req, res) => {
  const { field, value } = req.body;
  // ruleid: js-prototype-pollution-merge
  objectPath.set(document, field, value);
  res.sendStatus(204);
});

app.patch("/settings/safe", (req, res) => {
  // ok: js-prototype-pollution-merge
  _.merge(req.user.settings, _.pick(req.body, ["theme", "language"]));
  res.json(req.user.settings);
});

app.post("/config/safe", (req, res) => {
  const wanted = configSchema.parse(req.body);
  // ok: js-prototype-pollution-merge
  res.json(deepmerge(defaults, wanted));
});

app.put("/field/safe", (req, res) => {
  // ok: js-prototype-pollution-merge
  _.set(document, "title", req.body.title);
  res.sendStatus(204);
});

app.post("/shallow", (req, res) => {
  // ok: js-prototype-pollution-merge
  res.json({ ...defaults, theme: req.body.theme });
});
