"use strict";
// Media service: conversions and previews by command-line tools.

const { exec, execFile, execSync, spawn } = require("node:child_process");
const path = require("node:path");
const { promisify } = require("node:util");
const express = require("express");

const run = promisify(exec);
const runFile = promisify(execFile);
const app = express();
const FORMATS = new Set(["png", "webp"]);
const TOOLS = { exif: "exiftool -ver", magick: "magick -version" };

app.get("/convert", async (req, res) => {
  const target = req.query.format || "png";
  const { stdout } = await run(`magick /srv/in/photo.tif ${target}:-`);
  res.type("image/png").send(Buffer.from(stdout, "binary"));
});

app.get("/render", async (req, res) => {
  const target = FORMATS.has(req.query.format) ? req.query.format : "png";
  const { stdout } = await runFile("magick", ["/srv/in/photo.tif", `${target}:-`], { encoding: "buffer" });
  res.type(target).send(stdout);
});

app.get("/duration/:name", (req, res) => {
  const command = "ffprobe -show_format /srv/in/" + req.params.name;
  exec(command, { timeout: 5000 }, (error, stdout) => {
    res.status(error ? 500 : 200).json({ output: stdout });
  });
});

app.get("/dimensions/:name", (req, res) => {
  const file = path.join("/srv/in", path.basename(req.params.name));
  execFile("ffprobe", ["-show_streams", file], { timeout: 5000 }, (error, stdout) => {
    res.status(error ? 500 : 200).json({ output: stdout });
  });
});

app.post("/watermark", (req, res) => {
  const child = spawn("composite", ["-dissolve", "30", req.body.mark, "/srv/in/base.png", "/srv/out/base.png"], {
    shell: true,
  });
  child.on("close", (status) => res.json({ status }));
});

app.post("/border", (req, res) => {
  const width = Math.min(Number(req.body.width) || 1, 100);
  const child = spawn("convert", ["-border", String(width), "/srv/in/base.png", "/srv/out/base.png"]);
  child.on("close", (status) => res.json({ status }));
});

app.get("/version", (req, res) => {
  const command = Object.hasOwn(TOOLS, req.query.tool) ? TOOLS[req.query.tool] : TOOLS.exif;
  res.send({ version: execSync(command).toString() });
});

app.post("/label", (req, res) => {
  const args = ["-c", "convert -label '" + req.body.text + "' /srv/in/base.png /srv/out/base.png"];
  const child = spawn("/bin/sh", args);
  child.on("close", (status) => res.json({ status }));
});

function archive(folder, done) {
  exec("tar czf /srv/out/archive.tgz " + folder, done);
}

app.post("/archive", (req, res) => {
  archive(req.body.folder, (error) => res.json({ ok: !error }));
});

app.post("/archive/all", (req, res) => {
  archive("/srv/in", (error) => res.json({ ok: !error, note: req.body.note }));
});

app.listen(3001);
