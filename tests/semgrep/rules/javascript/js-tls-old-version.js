const tls = require("tls");

// ruleid: js-tls-old-version
const server = https.createServer({ key, cert, minVersion: "TLSv1" }, app);

// ruleid: js-tls-old-version
const socket = tls.connect({ host, secureProtocol: "TLSv1_method" });

// ruleid: js-tls-old-version
tls.DEFAULT_MIN_VERSION = "TLSv1.1";

// ok: js-tls-old-version
const serverSafe = https.createServer({ key, cert, minVersion: "TLSv1.2" }, app);

// ok: js-tls-old-version
const socketSafe = tls.connect({ host, secureProtocol: "TLS_method" });

// ok: js-tls-old-version
const capped = tls.connect({ host, maxVersion: "TLSv1.3" });
