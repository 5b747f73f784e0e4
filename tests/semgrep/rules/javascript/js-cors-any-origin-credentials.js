const cors = require("cors");

// ruleid: js-cors-any-origin-credentials
app.use(cors({ origin: true, credentials: true }));

// ruleid: js-cors-any-origin-credentials
app.use(cors({ credentials: true, origin: (origin, done) => done(null, true) }));

app.use((req, res, next) => {
  // ruleid: js-cors-any-origin-credentials
  res.setHeader("Access-Control-Allow-Origin", req.headers.origin);
  res.setHeader("Access-Control-Allow-Credentials", "true");
  next();
});

// ok: js-cors-any-origin-credentials
app.use(cors());

// ok: js-cors-any-origin-credentials
app.use(cors({ origin: ["https://shop.example.org"], credentials: true }));

// ok: js-cors-any-origin-credentials
app.use(cors({ origin: true }));

app.use((req, res, next) => {
  if (ORIGINS.includes(req.headers.origin)) {
    // ok: js-cors-any-origin-credentials
    res.setHeader("Access-Control-Allow-Origin", req.headers.origin);
  }
  next();
});
