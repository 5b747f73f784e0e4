const escapeHtml = require("escape-html");

app.get("/hello", (req, res) => {
  // ruleid: js-xss-response-html
  res.send("<h1>Hello " + req.query.name + "</h1>");
});

app.get("/missing/:page", (req, res) => {
  const { page } = req.params;
  // ruleid: js-xss-response-html
  res.status(404).send(`<p>No page called ${page}</p>`);
});

app.post("/note", (req, res) => {
  res.setHeader("Content-Type", "text/html");
  let html = "<ul>";
  html += "<li>" + req.body.note + "</li>";
  // ruleid: js-xss-response-html
  res.end(html);
});

router.get("/koa", async (ctx) => {
  // ruleid: js-xss-response-html
  ctx.body = `<b>${ctx.query.q}</b>`;
});

app.get("/hello/safe", (req, res) => {
  // ok: js-xss-response-html
  res.send("<h1>Hello " + escapeHtml(req.query.name) + "</h1>");
});

app.get("/json", (req, res) => {
  // ok: js-xss-response-html
  res.json({ html: `<b>${req.query.q}</b>` });
});

app.get("/count", (req, res) => {
  const n = Number(req.query.n);
  // ok: js-xss-response-html
  res.send(`<b>${n}</b>`);
});

app.get("/plain", (req, res) => {
  // ok: js-xss-response-html
  res.send(req.body);
});

app.get("/text", (req, res) => {
  // ok: js-xss-response-html
  res.type("text/plain").send("You asked for " + req.query.q);
});
