const store = {};

app.put("/:section/:name", (req, res) => {
  // ruleid: js-prototype-pollution-assign
  store[req.params.section][req.params.name] = req.body.value;
  res.sendStatus(204);
});

app.post("/counter", (req, res) => {
  const { group, field } = req.query;
  // ruleid: js-prototype-pollution-assign
  counters[group][field] += 1;
  res.json(counters);
});

app.post("/preference", ({ body }, res) => {
  // ruleid: js-prototype-pollution-assign
  preferences[body.user][body.key] = body.value;
  res.sendStatus(204);
});

app.put("/safe/:section/:name", (req, res) => {
  const { section, name } = req.params;
  if (!SECTIONS.includes(section)) return res.sendStatus(404);
  // ok: js-prototype-pollution-assign
  store[section][name] = req.body.value;
  return res.sendStatus(204);
});

app.put("/fixed/:name", (req, res) => {
  // ok: js-prototype-pollution-assign
  store.settings[req.params.name] = req.body.value;
  res.sendStatus(204);
});

app.put("/row/:n", (req, res) => {
  const row = Number(req.params.n);
  // ok: js-prototype-pollution-assign
  table[row]["title"] = req.body.title;
  res.sendStatus(204);
});

app.put("/map/:section/:name", (req, res) => {
  // ok: js-prototype-pollution-assign
  maps.get(req.params.section).set(req.params.name, req.body.value);
  res.sendStatus(204);
});
