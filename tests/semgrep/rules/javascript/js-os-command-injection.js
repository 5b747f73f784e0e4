const { exec, execSync, execFile, spawn } = require("child_process");
const cp = require("node:child_process");
const util = require("util");
const shell = require("shelljs");
const run = util.promisify(exec);

function ping(req, res) {
  // ruleid: js-os-command-injection
  exec("ping -c 1 " + req.query.host, (err, out) => res.type("text").send(out));
}

function archive(req, res) {
  const { folder } = req.body;
  const command = `tar czf backup.tgz ${folder}`;
  // ruleid: js-os-command-injection
  execSync(command);
  res.sendStatus(200);
}

function convert(req, res) {
  // ruleid: js-os-command-injection
  cp.spawn("convert", [req.body.file, "out.png"], { shell: true });
  res.sendStatus(202);
}

function viaShell(req, res) {
  // ruleid: js-os-command-injection
  spawn("/bin/sh", ["-c", `ls ${req.params.dir}`]);
  res.sendStatus(202);
}

async function promised(req, res) {
  // ruleid: js-os-command-injection
  const { stdout } = await run(`git log ${req.query.branch}`);
  res.type("text").send(stdout);
}

function shelljs(req, res) {
  // ruleid: js-os-command-injection
  shell.exec("wc -l " + req.query.name);
  res.sendStatus(200);
}

function pingSafe(req, res) {
  // ok: js-os-command-injection
  execFile("ping", ["-c", "1", req.query.host], (err, out) => res.type("text").send(out));
}

function numberSafe(req, res) {
  const count = parseInt(req.query.count, 10);
  // ok: js-os-command-injection
  exec(`tail -n ${count} app.log`, (err, out) => res.type("text").send(out));
}

function spawnSafe(req, res) {
  // ok: js-os-command-injection
  spawn("git", ["log", "--", req.params.path], { shell: false });
  res.sendStatus(202);
}

function regexSafe(req, res) {
  // ok: js-os-command-injection
  const found = /^([a-z]+)$/.exec(req.query.name);
  res.json(found);
}

function listed(req, res) {
  const job = req.params.job;
  if (!["build", "lint"].includes(job)) return res.sendStatus(400);
  // ok: js-os-command-injection
  execSync("npm run " + job);
  return res.sendStatus(200);
}
