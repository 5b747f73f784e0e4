const libxmljs = require("libxmljs");
const libxml = require("libxmljs2");

app.post("/invoice", (req, res) => {
  // ruleid: js-xxe-libxml
  const doc = libxmljs.parseXml(req.body, { noent: true });
  res.json({ total: doc.get("//total").text() });
});

function feed(text) {
  // ruleid: js-xxe-libxml
  return libxml.parseXmlString(text, { noblanks: true, noent: true, nonet: false });
}

function validated(text) {
  // ruleid: js-xxe-libxml
  return libxml.parseXml(text, { dtdload: true, dtdvalid: true });
}

app.post("/invoice/safe", (req, res) => {
  // ok: js-xxe-libxml
  const doc = libxmljs.parseXml(req.body);
  res.json({ total: doc.get("//total").text() });
});

function feedSafe(text) {
  // ok: js-xxe-libxml
  return libxml.parseXmlString(text, { noblanks: true, noent: false, nonet: true });
}

function xml2jsSafe(text) {
  // ok: js-xxe-libxml
  return xml2js.parseStringPromise(text, { explicitArray: false });
}
