const path = require("path");

app.get("/files/:name", (req, res) => {
  // ruleid: js-path-traversal-sendfile
  res.sendFile(path.join(__dirname, "files", req.params.name));
});

app.get("/report", (req, res) => {
  const file = `/srv/reports/${req.query.file}`;
  // ruleid: js-path-traversal-sendfile
  res.download(file);
});

app.get("/page/:view", (req, res) => {
  const { view } = req.params;
  // ruleid: js-path-traversal-sendfile
  response.render(view, { user: req.user });
});

app.get("/files/safe/:name", (req, res) => {
  // ok: js-path-traversal-sendfile
  res.sendFile(req.params.name, { root: path.join(__dirname, "files") });
});

app.get("/report/safe", (req, res) => {
  // ok: js-path-traversal-sendfile
  res.download(path.join("/srv/reports", path.basename(req.query.file)));
});

app.get("/view/*", (req, res) => {
  const options = { root: path.join(__dirname, "view"), dotfiles: "deny" };
  // ok: js-path-traversal-sendfile
  res.sendFile(req.params[0], options, () => res.end());
});

app.get("/page", (req, res) => {
  // ok: js-path-traversal-sendfile
  res.render("page", { title: req.query.title });
});

app.get("/checked", (req, res) => {
  const file = path.resolve("/srv/files", req.query.file);
  if (!file.startsWith("/srv/files/")) return res.sendStatus(403);
  // ok: js-path-traversal-sendfile
  return res.sendFile(file);
});
