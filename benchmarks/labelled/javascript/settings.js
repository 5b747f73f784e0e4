"use strict";
// Settings of users and clients of other systems.

const https = require("node:https");
const _ = require("lodash");
const axios = require("axios");
const { Client } = require("pg");

const CA = process.env.CA_BUNDLE;

function plainMerge(target, source) {
  for (const key of Object.keys(source)) {
    if (key === "__proto__" || key === "constructor" || key === "prototype") {
      continue;
    }
    target[key] = typeof source[key] === "object" && source[key] ? plainMerge(target[key] || {}, source[key]) : source[key];
  }
  return target;
}

function deepAssign(target, source) {
  for (const key of Object.keys(source)) {
    if (typeof source[key] === "object" && source[key]) {
      target[key] = deepAssign(target[key] || {}, source[key]);
    } else {
      target[key] = source[key];
    }
  }
  return target;
}

exports.merge = function merge(req, res) {
  const settings = { theme: "light", columns: {} };
  deepAssign(settings, req.body);
  res.json(settings);
};

exports.mergeKnown = function mergeKnown(req, res) {
  const settings = { theme: "light", columns: {} };
  _.merge(settings, { theme: String(req.body.theme), columns: { first: Number(req.body.first) } });
  res.json(settings);
};

exports.setPath = function setPath(req, res) {
  const settings = {};
  const { section, key, value } = req.body;
  settings[section] = settings[section] || {};
  settings[section][key] = value;
  res.json(settings);
};

exports.setEntry = function setEntry(req, res) {
  const settings = new Map();
  const { section, key, value } = req.body;
  settings.set(section, new Map([[key, value]]));
  res.json([...settings.keys()]);
};

exports.extend = function extend(req, res) {
  const settings = {};
  const copy = (target, source) => {
    for (const key in source) {
      if (source[key] instanceof Object) {
        target[key] = copy(target[key] || {}, source[key]);
      } else {
        target[key] = source[key];
      }
    }
    return target;
  };
  res.json(copy(settings, JSON.parse(req.body.settings)));
};

exports.overlay = function overlay(req, res) {
  res.json(plainMerge({ theme: "light" }, JSON.parse(req.body.settings)));
};

exports.matchNames = function matchNames(req, res) {
  const pattern = new RegExp(req.query.pattern, "i");
  res.json(["anna", "bernd", "carla"].filter((name) => pattern.test(name)));
};

exports.matchPrefix = function matchPrefix(req, res) {
  const pattern = new RegExp("^" + _.escapeRegExp(req.query.prefix), "i");
  res.json(["anna", "bernd", "carla"].filter((name) => pattern.test(name)));
};

exports.invoice = async function invoice(number) {
  const agent = new https.Agent({ rejectUnauthorized: false });
  return (await axios.get(`https://billing.internal/${Number(number)}`, { httpsAgent: agent })).data;
};

exports.receipt = async function receipt(number) {
  const agent = new https.Agent({ ca: CA, minVersion: "TLSv1.2" });
  return (await axios.get(`https://billing.internal/${Number(number)}`, { httpsAgent: agent })).data;
};

exports.connectReports = function connectReports() {
  return new Client({ host: "reports.internal", password: process.env.PGPASSWORD, ssl: { rejectUnauthorized: false } });
};

exports.connectArchive = function connectArchive() {
  return new Client({ host: "archive.internal", password: process.env.PGPASSWORD, ssl: { ca: CA } });
};

exports.connectStock = function connectStock() {
  return new Client({ host: "stock.internal", user: "stock", password: "St0ck-2022-writer", ssl: { ca: CA } });
};

exports.connectShop = function connectShop() {
  const password = process.env.SHOP_DB_PASSWORD;
  if (!password) {
    throw new Error("SHOP_DB_PASSWORD is not set");
  }
  return new Client({ host: "shop.internal", user: "shop", password, ssl: { ca: CA } });
};

exports.notify = async function notify(text) {
  const apiKey = "nk-4417c0aa92-prod";
  await axios.post("https://notify.internal/send", { text }, { headers: { "X-Api-Key": apiKey } });
};

exports.announce = async function announce(text) {
  const apiKeyHeader = "X-Api-Key";
  await axios.post("https://notify.internal/send", { text }, { headers: { [apiKeyHeader]: process.env.NOTIFY_KEY } });
};

exports.logIn = async function logIn(user, password) {
  console.log("log-in of %s with password %s", user, password);
  return (await axios.post("https://login.internal/", { user, password })).data;
};

exports.signOn = async function signOn(user, password) {
  console.log("sign-on of %s, password of %d characters", user, password.length);
  return (await axios.post("https://login.internal/", { user, password })).data;
};
