const https = require("https");
const { Pool } = require("pg");

// ruleid: js-tls-verification-off
const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });

// ruleid: js-tls-verification-off
const pool = new Pool({ ssl: { rejectUnauthorized: false } });

// ruleid: js-tls-verification-off
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";

function open(host) {
  // ruleid: js-tls-verification-off
  return tls.connect({ host, port: 443, checkServerIdentity: () => undefined });
}

// ok: js-tls-verification-off
const agentSafe = new https.Agent({ keepAlive: true, rejectUnauthorized: true });

// ok: js-tls-verification-off
const poolSafe = new Pool({ ssl: { ca: fs.readFileSync("ca.pem") } });

// ok: js-tls-verification-off
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "1";

function describe(options) {
  // ok: js-tls-verification-off
  return options.rejectUnauthorized === false ? "off" : "on";
}
