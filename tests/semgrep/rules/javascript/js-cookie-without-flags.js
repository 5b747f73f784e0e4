app.post("/login", (req, res) => {
  // ruleid: js-cookie-without-flags
  res.cookie("session", issue(req.user));
  res.sendStatus(204);
});

app.post("/token", (req, res) => {
  // ruleid: js-cookie-without-flags
  res.cookie("access_token", issue(req.user), { maxAge: 3600000 });
  res.sendStatus(204);
});

app.post("/http", (req, res) => {
  // ruleid: js-cookie-without-flags
  res.cookie("authToken", issue(req.user), { httpOnly: true });
  res.sendStatus(204);
});

app.post("/login/safe", (req, res) => {
  // ok: js-cookie-without-flags
  res.cookie("session", issue(req.user), { httpOnly: true, secure: true, sameSite: "lax" });
  res.sendStatus(204);
});

app.post("/theme", (req, res) => {
  // ok: js-cookie-without-flags
  res.cookie("theme", "dark", { maxAge: 3600000 });
  res.sendStatus(204);
});

app.post("/csrf", (req, res) => {
  // ok: js-cookie-without-flags
  res.cookie("XSRF-TOKEN", req.csrfToken());
  res.sendStatus(204);
});

app.post("/options", (req, res) => {
  // ok: js-cookie-without-flags
  res.cookie("session", issue(req.user), cookieOptions);
  res.sendStatus(204);
});
