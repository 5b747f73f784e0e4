function title() {
  // ruleid: js-dom-xss
  document.getElementById("title").innerHTML = decodeURIComponent(location.hash.slice(1));
}

function search() {
  const params = new URLSearchParams(window.location.search);
  const q = params.get("q");
  // ruleid: js-dom-xss
  document.querySelector("#found").insertAdjacentHTML("beforeend", `<p>Results for ${q}</p>`);
}

function banner() {
  // ruleid: js-dom-xss
  document.write("<img src='/track?from=" + document.referrer + "'>");
}

function jquery() {
  const tab = location.hash.split("=")[1];
  // ruleid: js-dom-xss
  $("#tab").html("<b>" + tab + "</b>");
}

function textSafe() {
  // ok: js-dom-xss
  document.getElementById("title").textContent = decodeURIComponent(location.hash.slice(1));
}

function purifiedSafe() {
  const params = new URLSearchParams(location.search);
  // ok: js-dom-xss
  document.querySelector("#found").innerHTML = DOMPurify.sanitize(params.get("q"));
}

function constantSafe() {
  const dark = location.search === "?dark";
  // ok: js-dom-xss
  document.querySelector("#theme").innerHTML = dark ? "<b>dark</b>" : "<b>light</b>";
}

function numberSafe() {
  const page = parseInt(new URLSearchParams(location.search).get("page"), 10);
  // ok: js-dom-xss
  $("#page").html("<b>" + page + "</b>");
}
