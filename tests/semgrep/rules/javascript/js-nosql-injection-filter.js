const mongoose = require("mongoose");
const User = mongoose.model("User", new mongoose.Schema({ name: String, password: String }));

async function login(req, res) {
  // ruleid: js-nosql-injection-filter
  const user = await User.findOne({ name: req.body.name, password: req.body.password });
  res.json({ ok: Boolean(user) });
}

async function list(req, res) {
  const filter = req.query;
  // ruleid: js-nosql-injection-filter
  res.json(await User.find(filter));
}

async function forget(req, res) {
  const { token } = req.body;
  // ruleid: js-nosql-injection-filter
  await User.deleteMany({ resetToken: token });
  res.sendStatus(204);
}

async function loginSafe(req, res) {
  // ok: js-nosql-injection-filter
  const user = await User.findOne({ name: String(req.body.name) });
  res.json(user);
}

async function eqSafe(req, res) {
  // ok: js-nosql-injection-filter
  res.json(await User.find({ name: { $eq: req.body.name } }));
}

async function idSafe(req, res) {
  // ok: js-nosql-injection-filter
  res.json(await User.findOne({ _id: new mongoose.Types.ObjectId(req.body.id) }));
}

function lookup(req, res) {
  const wanted = parseInt(req.query.id, 10);
  // ok: js-nosql-injection-filter
  res.json([1, 2, 3].find((item) => item === wanted));
}
