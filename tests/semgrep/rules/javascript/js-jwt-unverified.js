const jwt = require("jsonwebtoken");

function user(token) {
  // ruleid: js-jwt-unverified
  return jwt.verify(token, publicKey, { algorithms: ["RS256", "none"] });
}

function session(token) {
  // ruleid: js-jwt-unverified
  return jwt.verify(token, process.env.JWT_KEY, { algorithms: ["HS256"], ignoreExpiration: true });
}

function open(token) {
  // ruleid: js-jwt-unverified
  return jwt.verify(token, null);
}

function issue(claims) {
  // ruleid: js-jwt-unverified
  return jwt.sign(claims, "", { algorithm: "none" });
}

function userSafe(token) {
  // ok: js-jwt-unverified
  return jwt.verify(token, publicKey, { algorithms: ["RS256"] });
}

function sessionSafe(token) {
  // ok: js-jwt-unverified
  return jwt.verify(token, process.env.JWT_KEY, { algorithms: ["HS256"], ignoreExpiration: false });
}

function signatureSafe(data, signature) {
  // ok: js-jwt-unverified
  return crypto.verify(null, data, publicKey, signature);
}
