function afterLogin() {
  const next = new URLSearchParams(location.search).get("next");
  // ruleid: js-dom-open-redirect
  window.location.href = next;
}

function byHash() {
  // ruleid: js-dom-open-redirect
  location.replace(decodeURIComponent(location.hash.substring(1)));
}

function popup() {
  const params = new URL(document.URL).searchParams;
  const query = new URLSearchParams(window.location.search);
  // ruleid: js-dom-open-redirect
  window.open(query.get("url"));
  return params;
}

function pathSafe() {
  const tab = new URLSearchParams(location.search).get("tab");
  // ok: js-dom-open-redirect
  window.location.href = "/settings/" + tab;
}

function keepQuerySafe() {
  // ok: js-dom-open-redirect
  window.location.href = `/login?next=${location.search}`;
}

function listedSafe() {
  const next = new URLSearchParams(location.search).get("next");
  if (!PAGES.includes(next)) return;
  // ok: js-dom-open-redirect
  location.assign(next);
}

function reloadSafe() {
  // ok: js-dom-open-redirect
  location.href = location.pathname + location.search;
}
