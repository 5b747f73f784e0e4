const { Sequelize, QueryTypes } = require("sequelize");
const knex = require("knex")({ client: "pg" });
const { PrismaClient } = require("@prisma/client");

const sequelize = new Sequelize(process.env.DATABASE_URL);
const prisma = new PrismaClient();

async function search(req, res) {
  // ruleid: js-sql-injection-orm-raw
  const users = await sequelize.query(`SELECT * FROM users WHERE email = '${req.body.email}'`);
  res.json(users);
}

async function sorted(req, res) {
  const order = req.query.order;
  // ruleid: js-sql-injection-orm-raw
  const rows = await knex("books").select().orderByRaw(order);
  res.json(rows);
}

async function total(req, res) {
  // ruleid: js-sql-injection-orm-raw
  const rows = await knex.raw("select sum(price) from " + req.params.table);
  res.json(rows);
}

async function unsafe(req, res) {
  const text = "SELECT * FROM posts WHERE slug = '" + req.params.slug + "'";
  // ruleid: js-sql-injection-orm-raw
  res.json(await prisma.$queryRawUnsafe(text));
}

async function built(req, res) {
  // ruleid: js-sql-injection-orm-raw
  const q = repository.createQueryBuilder("u").where(`u.name = '${req.query.name}'`);
  res.json(await q.getMany());
}

async function searchSafe(req, res) {
  // ok: js-sql-injection-orm-raw
  const users = await sequelize.query("SELECT * FROM users WHERE email = :email", {
    replacements: { email: req.body.email },
    type: QueryTypes.SELECT,
  });
  res.json(users);
}

async function boundSafe(req, res) {
  // ok: js-sql-injection-orm-raw
  const rows = await knex.raw("select * from books where author = ?", [req.query.author]);
  res.json(rows);
}

async function prismaSafe(req, res) {
  // ok: js-sql-injection-orm-raw
  res.json(await prisma.$queryRaw`SELECT * FROM posts WHERE slug = ${req.params.slug}`);
}

async function builderSafe(req, res) {
  // ok: js-sql-injection-orm-raw
  const q = repository.createQueryBuilder("u").where("u.name = :name", { name: req.query.name });
  res.json(await q.getMany());
}

async function sortedSafe(req, res) {
  const columns = { title: "title", year: "published_at" };
  // ok: js-sql-injection-orm-raw
  res.json(await knex("books").orderByRaw(columns[req.query.sort]));
}
