const crypto = require("crypto");

function hook(req, res) {
  const mac = crypto.createHmac("sha256", process.env.HOOK_KEY).update(req.rawBody).digest("hex");
  // ruleid: js-timing-unsafe-compare
  if (mac !== req.headers["x-signature"]) return res.sendStatus(401);
  return res.sendStatus(204);
}

function direct(body, signature) {
  // ruleid: js-timing-unsafe-compare
  return crypto.createHmac("sha1", process.env.HOOK_KEY).update(body).digest("hex") === signature;
}

function steps(body, signature) {
  const hmac = crypto.createHmac("sha256", process.env.HOOK_KEY);
  hmac.update(body);
  const digest = hmac.digest("hex");
  // ruleid: js-timing-unsafe-compare
  return signature === digest;
}

function admin(req, res, next) {
  // ruleid: js-timing-unsafe-compare
  if (req.headers["x-admin-token"] !== process.env.ADMIN_TOKEN) return res.sendStatus(403);
  return next();
}

function hookSafe(req, res) {
  const mac = crypto.createHmac("sha256", process.env.HOOK_KEY).update(req.rawBody).digest();
  const given = Buffer.from(req.headers["x-signature"], "hex");
  // ok: js-timing-unsafe-compare
  if (mac.length !== given.length || !crypto.timingSafeEqual(mac, given)) return res.sendStatus(401);
  return res.sendStatus(204);
}

function sameFileSafe(left, right) {
  const digest = crypto.createHash("sha256").update(left).digest("hex");
  // ok: js-timing-unsafe-compare
  return digest === right.digest;
}

function modeSafe(req, res, next) {
  // ok: js-timing-unsafe-compare
  if (req.headers["x-mode"] === process.env.MODE) return next();
  return res.sendStatus(404);
}
