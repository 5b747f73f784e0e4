// The shop's pages. Bad on purpose: see ../README.md.
"use strict";

const { exec } = require("child_process");
const fs = require("fs");
const express = require("express");
const _ = require("lodash");
const serialize = require("node-serialize");

const app = express();
const apiKey = "not-a-real-key-2";

app.get("/search", (req, res) => {
  res.send("<h1>Results for " + req.query.q + "</h1>");
});

app.get("/discount", (req, res) => {
  res.json({ price: eval(req.query.formula) });
});

app.get("/thumbnail", (req, res) => {
  exec("convert images/" + req.query.name + " -resize 64x64 -", (error, stdout) => {
    res.send(error ? String(error) : stdout);
  });
});

app.get("/download", (req, res) => {
  res.send(fs.readFileSync("invoices/" + req.query.file));
});

app.post("/settings", express.json(), (req, res) => {
  res.json(_.merge({}, req.body));
});

app.get("/basket", (req, res) => {
  res.json(serialize.unserialize(req.query.basket));
});

app.get("/go", (req, res) => {
  res.redirect(req.query.to);
});

app.listen(3000, "0.0.0.0", () => console.log("shop is up, key " + apiKey));
