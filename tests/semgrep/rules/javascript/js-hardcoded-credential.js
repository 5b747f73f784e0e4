const mysql = require("mysql2");
const { Pool } = require("pg");
const AWS = require("aws-sdk");

// ruleid: js-hardcoded-credential
const db = mysql.createConnection({ host: "db", user: "shop", password: "Gr33n-Harbour" });

// ruleid: js-hardcoded-credential
const pool = new Pool({ user: "app", host: "db", password: "tulip4moon" });

// ruleid: js-hardcoded-credential
AWS.config.update({ accessKeyId: process.env.AWS_ID, secretAccessKey: "q9Zk1mN4vR7tY2wX5bC8dF3gH6jL0pSa" });

function connect(client) {
  // ruleid: js-hardcoded-credential
  client.connect({ host: "sftp", username: "backup", password: "n1ght-train" });
}

// ok: js-hardcoded-credential
const dbSafe = mysql.createConnection({ host: "db", user: "shop", password: process.env.DB_PASSWORD });

// ok: js-hardcoded-credential
const poolSafe = new Pool({ user: "app", host: "db", password: "" });

// ok: js-hardcoded-credential
const docs = new Pool({ user: "app", password: "your-password-here" });

// ok: js-hardcoded-credential
const form = render({ name: "login", password: "Type your password" });
