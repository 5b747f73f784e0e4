const nunjucks = require("nunjucks");
const Handlebars = require("handlebars");
const mustache = require("mustache");

// ruleid: js-template-escaping-off
nunjucks.configure("views", { autoescape: false, express: app });

// ruleid: js-template-escaping-off
const page = Handlebars.compile(source, { noEscape: true });

// ruleid: js-template-escaping-off
mustache.escape = (text) => text;

function environment(loader) {
  // ruleid: js-template-escaping-off
  return new nunjucks.Environment(loader, { autoescape: false });
}

// ok: js-template-escaping-off
nunjucks.configure("views", { autoescape: true });

// ok: js-template-escaping-off
const strict = Handlebars.compile(source, { noEscape: false, strict: true });

// ok: js-template-escaping-off
const plain = Handlebars.compile(source);

// ok: js-template-escaping-off
mustache.escape = (text) => text.replace(/</g, "&lt;");
