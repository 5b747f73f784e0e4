const ldap = require("ldapjs");
const client = ldap.createClient({ url: process.env.LDAP_URL });

function find(req, res) {
  // ruleid: js-ldap-injection
  client.search("dc=example,dc=org", { filter: `(uid=${req.query.uid})`, scope: "sub" }, done(res));
}

function group(req, res) {
  const filter = "(&(objectClass=person)(mail=" + req.body.mail + "))";
  // ruleid: js-ldap-injection
  client.search("ou=people", { scope: "sub", filter: filter }, done(res));
}

function parsed(req, res) {
  const filter = ldap.parseFilter("(cn=" + req.params.cn + ")");
  // ruleid: js-ldap-injection
  client.search("ou=people", { filter }, done(res));
}

function login(req, res) {
  // ruleid: js-ldap-injection
  client.bind(`uid=${req.body.user},ou=people`, req.body.password, done(res));
}

function objectSafe(req, res) {
  const filter = new ldap.EqualityFilter({ attribute: "uid", value: req.query.uid });
  // ok: js-ldap-injection
  client.search("dc=example,dc=org", { filter, scope: "sub" }, done(res));
}

function constantSafe(req, res) {
  // ok: js-ldap-injection
  client.search("ou=people", { filter: "(objectClass=person)", sizeLimit: Number(req.query.n) }, done(res));
}

function lookAlikeSafe(req, res) {
  // ok: js-ldap-injection
  res.json(index.search(req.query.q, { limit: 10 }));
}
