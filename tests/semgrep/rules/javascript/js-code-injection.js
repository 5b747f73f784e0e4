const vm = require("vm");
const redis = require("redis").createClient();

function calculate(req, res) {
  // ruleid: js-code-injection
  res.json({ value: eval(req.query.expression) });
}

function rule(req, res) {
  const body = "return " + req.body.rule;
  // ruleid: js-code-injection
  const check = new Function("order", body);
  res.json(check(req.order));
}

function sandbox(req, res) {
  const { script } = req.body;
  // ruleid: js-code-injection
  res.json(vm.runInNewContext(script, {}));
}

function compiled(req, res) {
  // ruleid: js-code-injection
  const script = new vm.Script(`result = ${req.body.formula}`);
  res.json(script.runInThisContext());
}

function jsonSafe(req, res) {
  // ok: js-code-injection
  res.json(JSON.parse(req.body.payload));
}

function tableSafe(req, res) {
  const operations = { sum: (a, b) => a + b };
  // ok: js-code-injection
  res.json(operations[req.query.op](1, 2));
}

function timerSafe(req, res) {
  // ok: js-code-injection
  setTimeout(() => notify(req.query.who), 1000);
  res.sendStatus(202);
}

async function redisSafe(req, res) {
  // ok: js-code-injection
  res.json(await redis.eval("return redis.call('get', KEYS[1])", { keys: [req.query.key] }));
}

function globalSafe(req, res) {
  // ok: js-code-injection
  const root = new Function("return this")();
  res.json({ has: Object.hasOwn(root, req.query.name) });
}
