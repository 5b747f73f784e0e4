const session = require("express-session");
const cookieSession = require("cookie-session");

// ruleid: js-session-cookie-flags-off
app.use(session({ secret: process.env.KEY, cookie: { httpOnly: false, secure: true } }));

// ruleid: js-session-cookie-flags-off
app.use(session({ secret: process.env.KEY, resave: false, cookie: { secure: false, maxAge: 60000 } }));

// ruleid: js-session-cookie-flags-off
app.use(cookieSession({ keys: [process.env.KEY], httpOnly: false }));

app.post("/login", (req, res) => {
  // ruleid: js-session-cookie-flags-off
  res.cookie("id", issue(req.user), { httpOnly: true, secure: false });
  res.sendStatus(204);
});

// ok: js-session-cookie-flags-off
app.use(session({ secret: process.env.KEY, cookie: { httpOnly: true, secure: true } }));

// ok: js-session-cookie-flags-off
app.use(session({ secret: process.env.KEY, cookie: { secure: "auto" } }));

// ok: js-session-cookie-flags-off
app.use(cookieSession({ keys: [process.env.KEY], secure: process.env.NODE_ENV === "production" }));

// ok: js-session-cookie-flags-off
app.use(logger({ cookie: { secure: false } }));
