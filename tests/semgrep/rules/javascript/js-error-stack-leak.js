app.use((err, req, res, next) => {
  // ruleid: js-error-stack-leak
  res.status(500).send(err.stack);
});

router.get("/report", async (req, res) => {
  try {
    res.json(await report(req.user));
  } catch (error) {
    // ruleid: js-error-stack-leak
    res.status(500).json({ message: error.message, stack: error.stack });
  }
});

app.use(async (ctx, next) => {
  try {
    await next();
  } catch (e) {
    // ruleid: js-error-stack-leak
    ctx.body = { ok: false, trace: e.stack };
  }
});

app.use((err, req, res, next) => {
  logger.error(err.stack);
  // ok: js-error-stack-leak
  res.status(500).send("Something went wrong");
});

app.use((err, req, res, next) => {
  if (process.env.NODE_ENV !== "production") {
    // ok: js-error-stack-leak
    res.status(500).send(err.stack);
  } else {
    res.sendStatus(500);
  }
});

app.get("/cards", (req, res) => {
  // ok: js-error-stack-leak
  res.json({ cards: game.stack });
});
