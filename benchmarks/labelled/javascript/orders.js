"use strict";
// Orders API over PostgreSQL and MySQL.

const express = require("express");
const knex = require("knex")({ client: "pg", connection: process.env.DATABASE_URL });
const mysql = require("mysql2/promise");
const { Pool } = require("pg");

const pool = new Pool({ connectionString: process.env.DATABASE_URL });
const legacy = mysql.createPool(process.env.LEGACY_URL);
const router = express.Router();
const SORT = { date: "created_at", total: "total_cents" };

function asRows(result) {
  return result.rows.map((row) => ({ ...row, total: row.total_cents / 100 }));
}

router.get("/orders/search", async (req, res) => {
  const term = (req.query.q || "").trim();
  const result = await pool.query(
    "SELECT id, total_cents FROM orders WHERE customer ILIKE '%" + term + "%' LIMIT 50"
  );
  res.json(asRows(result));
});

router.get("/orders/suggest", async (req, res) => {
  const term = (req.query.q || "").trim();
  const result = await pool.query(
    "SELECT id, total_cents FROM orders WHERE customer ILIKE $1 LIMIT 50", [`%${term}%`]
  );
  res.json(asRows(result));
});

router.get("/orders/sorted", async (req, res) => {
  const column = req.query.sort || "created_at";
  const sql = `SELECT id, total_cents FROM orders ORDER BY ${column} LIMIT 50`;
  res.json(asRows(await pool.query(sql)));
});

router.get("/orders/table", async (req, res) => {
  const column = Object.hasOwn(SORT, req.query.sort) ? SORT[req.query.sort] : "created_at";
  const sql = `SELECT id, total_cents FROM orders ORDER BY ${column} LIMIT 50`;
  res.json(asRows(await pool.query(sql)));
});

router.get("/legacy/:customer", async (req, res) => {
  const { customer } = req.params;
  const [rows] = await legacy.execute(`SELECT id FROM orders_old WHERE customer = '${customer}'`);
  res.json(rows);
});

router.get("/legacy/:customer/latest", async (req, res) => {
  const { customer } = req.params;
  const limit = Number.parseInt(req.query.limit, 10) || 10;
  const [rows] = await legacy.execute(
    `SELECT id FROM orders_old WHERE customer = ? ORDER BY id DESC LIMIT ${limit}`, [customer]
  );
  res.json(rows);
});

router.post("/orders/filter", async (req, res) => {
  const query = knex("orders").select("id", "status");
  if (req.body.status) {
    query.whereRaw("status = '" + req.body.status + "'");
  }
  res.json(await query.limit(50));
});

router.post("/orders/match", async (req, res) => {
  const query = knex("orders").select("id", "status");
  if (req.body.status) {
    query.whereRaw("lower(status) = ?", [String(req.body.status)]);
  }
  res.json(await query.where({ country: String(req.body.country || "DE") }).limit(50));
});

exports.countByStatus = async function countByStatus(event) {
  const status = event.queryStringParameters.status;
  const conditions = ["deleted = false"];
  conditions.push("status = '" + status + "'");
  const result = await pool.query("SELECT count(*) FROM orders WHERE " + conditions.join(" AND "));
  return { statusCode: 200, body: JSON.stringify(result.rows[0]) };
};

exports.countByCountry = async function countByCountry(event) {
  const country = event.queryStringParameters.country;
  const conditions = ["deleted = false"];
  const values = [];
  if (country) {
    values.push(country);
    conditions.push("country = $" + values.length);
  }
  const result = await pool.query("SELECT count(*) FROM orders WHERE " + conditions.join(" AND "), values);
  return { statusCode: 200, body: JSON.stringify(result.rows[0]) };
};

exports.router = router;
