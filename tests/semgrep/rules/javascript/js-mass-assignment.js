const User = require("./models/user");

app.post("/users", async (req, res) => {
  // ruleid: js-mass-assignment
  const user = await User.create(req.body);
  res.status(201).json(user);
});

app.post("/posts", async (req, res) => {
  // ruleid: js-mass-assignment
  const post = new Post(req.body);
  await post.save();
  res.json(post);
});

app.put("/users/:id", async (req, res) => {
  // ruleid: js-mass-assignment
  res.json(await User.findByIdAndUpdate(req.params.id, { $set: req.body }, { new: true }));
});

app.patch("/me", async (req, res) => {
  // ruleid: js-mass-assignment
  Object.assign(req.user, req.body);
  await req.user.save();
  res.json(req.user);
});

app.post("/users/safe", async (req, res) => {
  // ok: js-mass-assignment
  res.json(await User.create({ name: req.body.name, email: req.body.email }));
});

app.post("/picked", async (req, res) => {
  // ok: js-mass-assignment
  res.json(await User.create(_.pick(req.body, ["name"])));
});

app.post("/copy", (req, res) => {
  // ok: js-mass-assignment
  const copy = Object.assign({}, req.body);
  res.json(copy);
});

app.post("/error", (req, res) => {
  // ok: js-mass-assignment
  throw new ValidationError(req.body);
});
