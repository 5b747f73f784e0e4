const express = require("express");
const mysql = require("mysql2/promise");
const { Pool } = require("pg");
const sqlite3 = require("sqlite3");

const app = express();
const pool = mysql.createPool({ host: "localhost" });
const pg = new Pool();
const db = new sqlite3.Database("shop.sqlite");

app.get("/users", async (req, res) => {
  // ruleid: js-sql-injection-driver
  const [rows] = await pool.query("SELECT * FROM users WHERE name = '" + req.query.name + "'");
  res.json(rows);
});

app.get("/orders/:id", async (req, res) => {
  const { id } = req.params;
  const sql = `SELECT * FROM orders WHERE id = ${id}`;
  // ruleid: js-sql-injection-driver
  const result = await pg.query(sql);
  res.json(result.rows);
});

app.post("/search", (req, res) => {
  const where = [];
  if (req.body.city) where.push("city = '" + req.body.city + "'");
  let statement = "SELECT * FROM shops";
  statement += " WHERE " + where.join(" AND ");
  // ruleid: js-sql-injection-driver
  db.all(statement, (err, rows) => res.json(rows));
});

app.delete("/items", async ({ query }, res) => {
  // ruleid: js-sql-injection-driver
  await pg.query({ text: `DELETE FROM items WHERE sku = '${query.sku}'` });
  res.sendStatus(204);
});

app.get("/users/safe", async (req, res) => {
  // ok: js-sql-injection-driver
  const [rows] = await pool.execute("SELECT * FROM users WHERE name = ?", [req.query.name]);
  res.json(rows);
});

app.get("/orders/safe/:id", async (req, res) => {
  const id = parseInt(req.params.id, 10);
  // ok: js-sql-injection-driver
  const result = await pg.query(`SELECT * FROM orders WHERE id = ${id}`);
  res.json(result.rows);
});

app.get("/sorted", async (req, res) => {
  const column = req.query.sort;
  if (!["name", "price"].includes(column)) return res.sendStatus(400);
  // ok: js-sql-injection-driver
  const result = await pg.query("SELECT * FROM items ORDER BY " + column);
  res.json(result.rows);
});

app.get("/escaped", async (req, res) => {
  // ok: js-sql-injection-driver
  const [rows] = await pool.query("SELECT * FROM t WHERE a = " + pool.escape(req.query.a));
  res.json(rows);
});

app.get("/model", async (req, res) => {
  // ok: js-sql-injection-driver
  res.json(await app.service("orders").query(req.query));
});
