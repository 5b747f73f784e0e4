const jwt = require("jsonwebtoken");
const { decodeJwt } = require("jose");

function authenticate(req, res, next) {
  const token = req.headers.authorization.split(" ")[1];
  // ruleid: js-jwt-decode-as-auth
  req.user = jwt.decode(token);
  next();
}

function role(req, res) {
  // ruleid: js-jwt-decode-as-auth
  const claims = decodeJwt(req.cookies.session);
  if (claims.role !== "admin") return res.sendStatus(403);
  return res.json(settings);
}

function account(req, res) {
  // ruleid: js-jwt-decode-as-auth
  const { payload } = jwt.decode(req.headers["x-token"], { complete: true });
  res.json(accounts.get(payload.sub));
}

function authenticateSafe(req, res, next) {
  const token = req.headers.authorization.split(" ")[1];
  // ok: js-jwt-decode-as-auth
  req.user = jwt.verify(token, process.env.JWT_KEY, { algorithms: ["HS256"] });
  next();
}

function keyOfSafe(req, res, next) {
  const token = req.cookies.session;
  // ok: js-jwt-decode-as-auth
  const header = jwt.decode(token, { complete: true }).header;
  req.user = jwt.verify(token, keys[header.kid], { algorithms: ["RS256"] });
  next();
}

function ownSafe(answer) {
  // ok: js-jwt-decode-as-auth
  return jwt.decode(answer.id_token);
}
