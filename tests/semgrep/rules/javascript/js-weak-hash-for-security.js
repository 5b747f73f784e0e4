const crypto = require("crypto");

function reset(user) {
  // ruleid: js-weak-hash-for-security
  const resetToken = crypto.createHash("md5").update(user.email + Date.now()).digest("hex");
  return resetToken;
}

function sign(order, secret) {
  // ruleid: js-weak-hash-for-security
  return crypto.createHash("sha1").update(order.id + secret).digest("hex");
}

function approve(data, key) {
  // ruleid: js-weak-hash-for-security
  const signer = crypto.createSign("RSA-SHA1");
  signer.update(data);
  return signer.sign(key);
}

function makeToken(user) {
  // ruleid: js-weak-hash-for-security
  return crypto.createHash("sha1").update(user.id + user.name).digest("base64");
}

function etagSafe(content) {
  // ok: js-weak-hash-for-security
  const etag = crypto.createHash("md5").update(content).digest("hex");
  return etag;
}

function signSafe(order, secret) {
  // ok: js-weak-hash-for-security
  return crypto.createHmac("sha256", secret).update(order.id).digest("hex");
}

function cacheKeySafe(query) {
  // ok: js-weak-hash-for-security
  const cacheId = crypto.createHash("sha1").update(JSON.stringify(query)).digest("hex");
  return cacheId;
}

function approveSafe(data, key) {
  // ok: js-weak-hash-for-security
  return crypto.createSign("RSA-SHA256").update(data).sign(key);
}
