const jwt = require("jsonwebtoken");
const session = require("express-session");
const KEY = "wolf-hammer-7";

function issue(user) {
  // ruleid: js-hardcoded-signing-secret
  return jwt.sign({ sub: user.id }, "s3cr3t-of-the-shop", { expiresIn: "1h" });
}

function read(token) {
  // ruleid: js-hardcoded-signing-secret
  return jwt.verify(token, KEY, { algorithms: ["HS256"] });
}

// ruleid: js-hardcoded-signing-secret
app.use(session({ secret: "keyboard cat", resave: false, saveUninitialized: false }));

function sign(text) {
  // ruleid: js-hardcoded-signing-secret
  return crypto.createHmac("sha256", "pepper-and-salt").update(text).digest("hex");
}

function issueSafe(user) {
  // ok: js-hardcoded-signing-secret
  return jwt.sign({ sub: user.id }, process.env.JWT_KEY, { expiresIn: "1h" });
}

// ok: js-hardcoded-signing-secret
app.use(session({ secret: config.sessionSecret, resave: false, saveUninitialized: false }));

function readSafe(token, key) {
  // ok: js-hardcoded-signing-secret
  return jwt.verify(token, key, { algorithms: ["HS256"] });
}

function hashSafe(text) {
  // ok: js-hardcoded-signing-secret
  return crypto.createHash("sha256").update(text).digest("hex");
}
