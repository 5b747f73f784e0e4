const serialize = require("serialize-javascript");
const serializeJavascript = serialize;

function state(store) {
  // ruleid: js-serialize-unsafe-option
  return `<script>window.state = ${serialize(store.getState(), { unsafe: true })}</script>`;
}

function config(values) {
  // ruleid: js-serialize-unsafe-option
  const text = serializeJavascript(values, { space: 2, unsafe: true });
  return `<script>${text}</script>`;
}

function wrapped(tools, values) {
  // ruleid: js-serialize-unsafe-option
  return tools.serialize(values, { unsafe: true, isJSON: true });
}

function stateSafe(store) {
  // ok: js-serialize-unsafe-option
  return `<script>window.state = ${serialize(store.getState(), { isJSON: true })}</script>`;
}

function explicitSafe(store) {
  // ok: js-serialize-unsafe-option
  return serialize(store, { unsafe: false });
}

function otherSafe(store) {
  // ok: js-serialize-unsafe-option
  return store.read({ unsafe: true });
}
