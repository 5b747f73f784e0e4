const serialize = require("node-serialize");
const yaml = require("js-yaml");
const cryo = require("cryo");

app.get("/profile", (req, res) => {
  const raw = Buffer.from(req.cookies.profile, "base64").toString();
  // ruleid: js-unsafe-deserialization
  const profile = serialize.unserialize(raw);
  res.json({ name: profile.name });
});

app.post("/import", (req, res) => {
  // ruleid: js-unsafe-deserialization
  res.json(yaml.load(req.body.text, { schema: yaml.DEFAULT_FULL_SCHEMA }));
});

app.post("/restore", (req, res) => {
  const { state } = req.body;
  // ruleid: js-unsafe-deserialization
  res.json(Object.keys(cryo.parse(state)));
});

app.get("/profile/safe", (req, res) => {
  // ok: js-unsafe-deserialization
  const profile = JSON.parse(Buffer.from(req.cookies.profile, "base64").toString());
  res.json({ name: profile.name });
});

app.post("/import/safe", (req, res) => {
  // ok: js-unsafe-deserialization
  res.json(yaml.load(req.body.text, { schema: yaml.JSON_SCHEMA }));
});

app.get("/session", (req, res) => {
  // ok: js-unsafe-deserialization
  res.cookie("theme", serialize.serialize({ dark: req.query.dark === "1" }));
  res.end();
});
