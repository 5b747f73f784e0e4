const crypto = require("crypto");
const bcrypt = require("bcrypt");
const ROUNDS = 4;

function store(user, password) {
  // ruleid: js-password-fast-hash
  user.hash = crypto.createHash("sha256").update(password).digest("hex");
}

function salted(user, salt) {
  // ruleid: js-password-fast-hash
  return crypto.createHash("sha512").update(salt + user.password).digest("hex");
}

async function few(password) {
  // ruleid: js-password-fast-hash
  return bcrypt.hash(password, ROUNDS);
}

function derive(password, salt) {
  // ruleid: js-password-fast-hash
  return crypto.pbkdf2Sync(password, salt, 1000, 64, "sha512");
}

async function storeSafe(user, password) {
  // ok: js-password-fast-hash
  user.hash = await bcrypt.hash(password, 12);
}

function deriveSafe(password, salt) {
  // ok: js-password-fast-hash
  return crypto.pbkdf2Sync(password, salt, 600000, 64, "sha512");
}

function fileSafe(content) {
  // ok: js-password-fast-hash
  return crypto.createHash("sha256").update(content).digest("hex");
}

function nameSafe(fields) {
  // ok: js-password-fast-hash
  return crypto.createHash("sha256").update(fields.passwordPolicy).digest("hex");
}
