const fs = require("fs");
const path = require("path");
const { readFile } = require("node:fs/promises");

app.get("/files/:name", (req, res) => {
  // ruleid: js-path-traversal-fs
  fs.readFile(path.join(__dirname, "files", req.params.name), (err, data) => res.send(data));
});

app.get("/log", async (req, res) => {
  const file = "logs/" + req.query.date;
  // ruleid: js-path-traversal-fs
  const text = await fs.promises.readFile(file, "utf8");
  res.type("text").send(text);
});

app.post("/upload", (req, res) => {
  const target = path.resolve("uploads", req.file.originalname);
  // ruleid: js-path-traversal-fs
  fs.writeFileSync(target, req.file.buffer);
  res.sendStatus(201);
});

app.delete("/files", async ({ body }, res) => {
  // ruleid: js-path-traversal-fs
  fs.unlink(`files/${body.name}`, () => res.sendStatus(204));
});

app.get("/named", async (req, res) => {
  // ruleid: js-path-traversal-fs
  res.send(await readFile("files/" + req.query.name));
});

app.get("/files/safe/:name", (req, res) => {
  // ok: js-path-traversal-fs
  fs.readFile(path.join("files", path.basename(req.params.name)), (err, data) => res.send(data));
});

app.get("/checked", (req, res) => {
  const full = path.resolve("files", req.query.name);
  if (!full.startsWith(path.resolve("files") + path.sep)) return res.sendStatus(403);
  // ok: js-path-traversal-fs
  return res.send(fs.readFileSync(full));
});

app.post("/upload/safe", (req, res) => {
  // ok: js-path-traversal-fs
  fs.createReadStream(req.file.path).pipe(store.writer(req.user.id));
  res.sendStatus(201);
});

app.post("/content", (req, res) => {
  // ok: js-path-traversal-fs
  fs.writeFileSync("notes/last.txt", req.body.text);
  res.sendStatus(201);
});

app.get("/other", (req, res) => {
  // ok: js-path-traversal-fs
  settings.readFile(req.query.name, (err, data) => res.json(data));
});
