app.get("/random", (req, res) => {
  // ruleid: js-buffer-size-from-request
  res.send(Buffer.allocUnsafe(Number(req.query.size)));
});

app.post("/pad", (req, res) => {
  const { length } = req.body;
  // ruleid: js-buffer-size-from-request
  const padded = Buffer.alloc(length, "x");
  res.send(padded);
});

app.post("/old", (req, res) => {
  // ruleid: js-buffer-size-from-request
  res.send(new Buffer(req.body.data));
});

app.get("/capped", (req, res) => {
  // ok: js-buffer-size-from-request
  res.send(Buffer.alloc(Math.min(Number(req.query.size), 1024)));
});

app.get("/checked", (req, res) => {
  const size = Number(req.query.size);
  if (size > 4096) return res.sendStatus(413);
  // ok: js-buffer-size-from-request
  return res.send(Buffer.alloc(size));
});

app.post("/text", (req, res) => {
  // ok: js-buffer-size-from-request
  res.send(Buffer.from(req.body.text, "utf8"));
});
