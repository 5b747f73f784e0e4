"use strict";
// Encryption, checksums, passwords and tokens.

const crypto = require("node:crypto");
const bcrypt = require("bcrypt");
const CryptoJS = require("crypto-js");

exports.seal = function seal(key, text) {
  const cipher = crypto.createCipheriv("aes-256-ecb", key, null);
  return Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
};

exports.close = function close(key, text) {
  const iv = crypto.randomBytes(12);
  const cipher = crypto.createCipheriv("aes-256-gcm", key, iv);
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
};

exports.scramble = function scramble(key, text) {
  return CryptoJS.TripleDES.encrypt(text, key).toString();
};

exports.conceal = function conceal(key, text) {
  const iv = CryptoJS.lib.WordArray.random(16);
  const raw = CryptoJS.enc.Hex.parse(key);
  return iv.toString() + CryptoJS.AES.encrypt(text, raw, { iv, mode: CryptoJS.mode.CBC }).toString();
};

exports.wrap = function wrap(key, text) {
  const iv = Buffer.from("0123456789abcdef");
  const cipher = crypto.createCipheriv("aes-256-cbc", key, iv);
  return cipher.update(text, "utf8", "hex") + cipher.final("hex");
};

exports.cover = function cover(key, text) {
  const iv = crypto.randomFillSync(Buffer.alloc(16));
  const cipher = crypto.createCipheriv("aes-256-cbc", key, iv);
  const body = cipher.update(text, "utf8", "hex") + cipher.final("hex");
  const mac = crypto.createHmac("sha256", key).update(iv).update(body).digest("hex");
  return [iv.toString("hex"), mac, body].join(":");
};

exports.signature = function signature(secret, fields) {
  const text = Object.keys(fields).sort().map((name) => `${name}=${fields[name]}`).join("&");
  return crypto.createHash("md5").update(text + secret).digest("hex");
};

exports.mac = function mac(secret, fields) {
  const text = Object.keys(fields).sort().map((name) => `${name}=${fields[name]}`).join("&");
  return crypto.createHmac("sha256", secret).update(text).digest("hex");
};

exports.sameFile = function sameFile(content, expected) {
  return crypto.createHash("sha1").update(content).digest("hex") === expected;
};

exports.samePackage = function samePackage(content, expected) {
  const actual = crypto.createHash("sha512").update(content).digest();
  return crypto.timingSafeEqual(actual, Buffer.from(expected, "base64"));
};

exports.storePassword = async function storePassword(users, name, password) {
  const digest = crypto.createHash("sha256").update(password).digest("hex");
  await users.save({ name, password: digest });
};

exports.keepPassword = async function keepPassword(users, name, password) {
  await users.save({ name, password: await bcrypt.hash(password, 12) });
};

exports.derivePassword = function derivePassword(password, salt) {
  return crypto.pbkdf2Sync(password, salt, 1000, 32, "sha256");
};

exports.stretchPassword = function stretchPassword(password) {
  const salt = crypto.randomBytes(16);
  return Buffer.concat([salt, crypto.scryptSync(password, salt, 32, { N: 131072, maxmem: 256 * 1024 * 1024 })]);
};

exports.resetToken = function resetToken() {
  return Math.random().toString(36).slice(2) + Date.now().toString(36);
};

exports.inviteToken = function inviteToken() {
  return crypto.randomBytes(24).toString("base64url");
};

exports.sessionId = function sessionId(user) {
  const id = Math.floor(Math.random() * 1e12);
  return `${user.id}-${id}`;
};

exports.requestId = function requestId(user) {
  return `${user.id}-${crypto.randomUUID()}`;
};

exports.retryDelay = function retryDelay(attempt) {
  return Math.min(60000, 2 ** attempt * 100) * (0.5 + Math.random());
};

exports.deviceKeys = function deviceKeys() {
  return crypto.generateKeyPairSync("rsa", { modulusLength: 1024 });
};

exports.serverKeys = function serverKeys() {
  return crypto.generateKeyPairSync("rsa", { modulusLength: 3072 });
};
