const crypto = require("crypto");
const BITS = 1024;

// ruleid: js-short-key
const pair = crypto.generateKeyPairSync("rsa", { modulusLength: 1024 });

// ruleid: js-short-key
crypto.generateKeyPair("rsa", { publicExponent: 65537, modulusLength: BITS }, done);

// ruleid: js-short-key
const old = forge.pki.rsa.generateKeyPair({ bits: 512 });

// ok: js-short-key
const pairSafe = crypto.generateKeyPairSync("rsa", { modulusLength: 3072 });

// ok: js-short-key
const curve = crypto.generateKeyPairSync("ed25519");

// ok: js-short-key
const signal = filter.generateKeyPairSync("rsa", { modulusLength: 4096 });
