app.get("/login", (req, res) => {
  // ruleid: js-open-redirect
  res.redirect(req.query.next);
});

app.post("/login", (req, res) => {
  const target = req.body.returnTo || "/";
  // ruleid: js-open-redirect
  res.redirect(302, target);
});

router.get("/out", async (ctx) => {
  // ruleid: js-open-redirect
  ctx.redirect(ctx.query.url);
});

http.createServer((req, res) => {
  const url = new URL(req.url, "http://localhost").searchParams.get("to");
  // ruleid: js-open-redirect
  res.writeHead(302, { Location: url });
  res.end();
});

app.get("/user", (req, res) => {
  // ok: js-open-redirect
  res.redirect("/users/" + req.params.id);
});

app.get("/locale", (req, res) => {
  // ok: js-open-redirect
  res.redirect(`/${"en"}/start?from=${encodeURIComponent(req.originalUrl)}`);
});

app.get("/listed", (req, res) => {
  const next = req.query.next;
  if (!PAGES.includes(next)) return res.redirect("/");
  // ok: js-open-redirect
  return res.redirect(next);
});

app.use((req, res, next) => {
  if (req.secure) return next();
  // ok: js-open-redirect
  return res.redirect("https://" + req.headers.host + req.originalUrl);
});

app.get("/doc", (req, res) => {
  // ok: js-open-redirect
  res.redirect(`https://docs.example.org/${req.params.page}`);
});
