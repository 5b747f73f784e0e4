const { MongoClient } = require("mongodb");
const client = new MongoClient(process.env.MONGO_URL);
const users = client.db("app").collection("users");

async function older(req, res) {
  // ruleid: js-nosql-where-code
  res.json(await users.find({ $where: "this.age > " + req.query.age }).toArray());
}

async function named(req, res) {
  const { name } = req.body;
  const code = `this.name === '${name}'`;
  // ruleid: js-nosql-where-code
  res.json(await users.find({ active: true, $where: code }).toArray());
}

async function chained(req, res) {
  // ruleid: js-nosql-where-code
  res.json(await User.find().$where(req.body.condition));
}

async function numberSafe(req, res) {
  // ok: js-nosql-where-code
  res.json(await users.find({ $where: "this.age > " + Number(req.query.age) }).toArray());
}

async function operatorSafe(req, res) {
  // ok: js-nosql-where-code
  res.json(await users.find({ age: { $gt: parseInt(req.query.age, 10) } }).toArray());
}

async function constantSafe(req, res) {
  // ok: js-nosql-where-code
  const found = await users.find({ $where: "this.spent > this.limit" }).limit(Number(req.query.n)).toArray();
  res.json(found);
}
