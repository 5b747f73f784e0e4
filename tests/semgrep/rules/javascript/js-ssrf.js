const axios = require("axios");
const https = require("https");
const got = require("got");

app.get("/preview", async (req, res) => {
  // ruleid: js-ssrf
  const page = await fetch(req.query.url);
  res.json({ size: (await page.text()).length });
});

app.post("/hook", async (req, res) => {
  const { callback } = req.body;
  // ruleid: js-ssrf
  await axios.post(callback, { ok: true });
  res.sendStatus(204);
});

app.get("/tenant", (req, res) => {
  const url = "https://" + req.query.tenant + ".example.org/status";
  // ruleid: js-ssrf
  https.get(url, (answer) => answer.pipe(res));
});

app.get("/avatar", async (req, res) => {
  // ruleid: js-ssrf
  const image = await axios({ method: "get", url: `http://${req.params.host}/avatar.png` });
  res.json(image.data);
});

app.get("/preview/safe", async (req, res) => {
  // ok: js-ssrf
  const page = await fetch(`https://api.example.org/pages/${req.query.id}`);
  res.json(await page.json());
});

app.get("/item", async (req, res) => {
  // ok: js-ssrf
  const item = await got("https://api.example.org/items/" + req.params.id);
  res.json(JSON.parse(item.body));
});

app.get("/listed", async (req, res) => {
  const url = new URL(req.query.url);
  if (!HOSTS.has(url.hostname)) return res.sendStatus(400);
  // ok: js-ssrf
  return res.json(await axios.get(url));
});

app.post("/data", async (req, res) => {
  // ok: js-ssrf
  await axios.post("https://api.example.org/events", req.body);
  res.sendStatus(204);
});

app.get("/env", async (req, res) => {
  // ok: js-ssrf
  res.json(await axios.get(`${process.env.API_URL}/users/${req.params.id}`));
});
