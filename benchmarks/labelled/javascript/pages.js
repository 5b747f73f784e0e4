"use strict";
// Server-side pages, formulas and templates.

const vm = require("node:vm");
const ejs = require("ejs");
const escapeHtml = require("escape-html");
const express = require("express");
const Handlebars = require("handlebars");
const libxmljs = require("libxmljs");
const yaml = require("js-yaml");
const { unserialize } = require("node-serialize");

const app = express();
const LETTER = "Dear <%= name %>,\n<%= text %>\n";
const OPERATIONS = { add: (a, b) => a + b, multiply: (a, b) => a * b };

app.get("/search", (req, res) => {
  const query = req.query.q || "";
  res.send(`<h1>Results for ${query}</h1>`);
});

app.get("/find", (req, res) => {
  const query = String(req.query.q || "");
  res.send(`<h1>Results for ${escapeHtml(query)}</h1>`);
});

app.get("/echo", (req, res) => {
  res.json({ message: req.query.message, at: Date.now() });
});

app.get("/hello/:name", (req, res) => {
  res.setHeader("Content-Type", "text/html; charset=utf-8");
  res.write("<p>Hello " + req.params.name + "</p>");
  res.end();
});

app.get("/greet/:name", (req, res) => {
  res.setHeader("Content-Type", "text/plain; charset=utf-8");
  res.setHeader("X-Content-Type-Options", "nosniff");
  res.end("Hello " + req.params.name + "\n");
});

app.post("/letter", (req, res) => {
  const page = ejs.render(req.body.template, { name: req.body.name });
  res.type("text").send(page);
});

app.post("/note", (req, res) => {
  const page = ejs.render(LETTER, { name: req.body.name, text: req.body.text });
  res.type("text").send(page);
});

app.post("/mail", (req, res) => {
  const { subject, text } = req.body;
  const template = Handlebars.compile(subject + "\n\n" + text);
  res.type("text").send(template({ company: "Example" }));
});

app.post("/invoice", (req, res) => {
  const template = Handlebars.compile("{{subject}}\n\n{{text}}");
  res.type("text").send(template({ subject: req.body.subject, text: req.body.text }));
});

app.get("/formula", (req, res) => {
  const price = Number(req.query.price);
  const compute = new Function("price", "return " + req.query.formula);
  res.json({ result: compute(price) });
});

app.get("/compute", (req, res) => {
  const operation = Object.hasOwn(OPERATIONS, req.query.op) ? OPERATIONS[req.query.op] : OPERATIONS.add;
  res.json({ result: operation(Number(req.query.a), Number(req.query.b)) });
});

app.post("/script", (req, res) => {
  const result = vm.runInNewContext(req.body.script, { rows: req.body.rows }, { timeout: 100 });
  res.json({ result });
});

app.post("/parse", (req, res) => {
  const rows = JSON.parse(String(req.body.rows));
  const result = vm.runInNewContext("rows.length", { rows }, { timeout: 100 });
  res.json({ result });
});

app.get("/basket", (req, res) => {
  const raw = Buffer.from(req.cookies.basket || "", "base64").toString();
  res.json(unserialize(raw));
});

app.get("/wishlist", (req, res) => {
  const raw = Buffer.from(req.cookies.wishlist || "", "base64").toString();
  res.json(JSON.parse(raw || "[]"));
});

app.post("/rules", (req, res) => {
  const rules = yaml.load(String(req.body.rules), { schema: yaml.JSON_SCHEMA });
  res.json({ rules: Object.keys(rules) });
});

app.post("/feed", (req, res) => {
  const document = libxmljs.parseXml(req.body.feed, { noent: true, dtdload: true });
  res.json({ root: document.root().name() });
});

app.post("/catalogue", (req, res) => {
  const document = libxmljs.parseXml(req.body.catalogue, { nonet: true });
  res.json({ root: document.root().name() });
});

app.listen(3002);
