const ejs = require("ejs");
const pug = require("pug");
const Handlebars = require("handlebars");
const nunjucks = require("nunjucks");

function preview(req, res) {
  // ruleid: js-template-injection
  res.send(ejs.render(req.body.template, { user: req.user }));
}

function greeting(req, res) {
  const text = "h1 Hello " + req.query.name;
  // ruleid: js-template-injection
  const html = pug.render(text);
  res.send(html);
}

function mail(req, res) {
  const { subject } = req.body;
  // ruleid: js-template-injection
  const subjectOf = Handlebars.compile(`Re: ${subject}`);
  res.json({ subject: subjectOf({ user: req.user }) });
}

function page(req, res) {
  // ruleid: js-template-injection
  res.send(nunjucks.renderString("<p>" + req.query.note + "</p>", {}));
}

function previewSafe(req, res) {
  // ok: js-template-injection
  const html = ejs.render("<p><%= note %></p>", { note: req.body.note });
  res.type("html").send(html);
}

function pugSafe(req, res) {
  // ok: js-template-injection
  const html = pug.renderFile("views/hello.pug", { name: req.query.name });
  res.type("html").send(html);
}

function compiledSafe(req, res) {
  // ok: js-template-injection
  const greet = Handlebars.compile("Hello {{name}}");
  const text = greet({ name: req.query.name });
  res.json({ text });
}
