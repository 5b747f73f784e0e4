const crypto = require("crypto");
const CryptoJS = require("crypto-js");

function oldStyle(text, password) {
  // ruleid: js-weak-cipher
  const cipher = crypto.createCipher("aes-256-cbc", password);
  return cipher.update(text, "utf8", "hex") + cipher.final("hex");
}

function des(text, key, iv) {
  // ruleid: js-weak-cipher
  return crypto.createCipheriv("des-ede3-cbc", key, iv).update(text);
}

function ecb(text, key) {
  // ruleid: js-weak-cipher
  const cipher = crypto.createCipheriv("AES-128-ECB", key, null);
  return cipher.update(text);
}

function cryptoJs(text, key) {
  // ruleid: js-weak-cipher
  return CryptoJS.AES.encrypt(text, key, { mode: CryptoJS.mode.ECB }).toString();
}

function gcmSafe(text, key) {
  const iv = crypto.randomBytes(12);
  // ok: js-weak-cipher
  return crypto.createCipheriv("aes-256-gcm", key, iv).update(text);
}

function cryptoJsSafe(text, key, iv) {
  // ok: js-weak-cipher
  return CryptoJS.AES.encrypt(text, key, { iv, mode: CryptoJS.mode.CTR }).toString();
}

function lookAlikeSafe(name) {
  // ok: js-weak-cipher
  return puzzles.createCipher(name);
}
