const crypto = require("crypto");

function fixedIv(text, key) {
  // ruleid: js-fixed-key-or-iv
  const cipher = crypto.createCipheriv("aes-256-cbc", key, "0123456789abcdef");
  return cipher.update(text, "utf8", "hex");
}

function zeroIv(text, key) {
  const iv = Buffer.alloc(16, 0);
  // ruleid: js-fixed-key-or-iv
  return crypto.createCipheriv("aes-256-cbc", key, iv).update(text);
}

function fixedKey(text) {
  const iv = crypto.randomBytes(16);
  // ruleid: js-fixed-key-or-iv
  return crypto.createCipheriv("aes-256-cbc", Buffer.from("c2VjcmV0LWtleS1vZi10aGUtc2hvcA==", "base64"), iv).update(text);
}

function fixedSalt(password) {
  // ruleid: js-fixed-key-or-iv
  return crypto.scryptSync(password, "salt", 32);
}

function randomSafe(text, key) {
  const iv = crypto.randomBytes(16);
  // ok: js-fixed-key-or-iv
  return crypto.createCipheriv("aes-256-cbc", key, iv).update(text);
}

function readSafe(text, key, header) {
  const iv = Buffer.from(header, "hex");
  // ok: js-fixed-key-or-iv
  return crypto.createCipheriv("aes-256-gcm", key, iv).update(text);
}

function saltSafe(password, user) {
  // ok: js-fixed-key-or-iv
  return crypto.scryptSync(password, user.salt, 32);
}
