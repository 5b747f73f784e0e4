// Widgets of the storefront, run in the browser.

import DOMPurify from "dompurify";
import $ from "jquery";

const TRUSTED = "https://checkout.example";
const SPINNER = '<div class="spinner"><i></i></div>';

function parameter(name) {
  return new URLSearchParams(window.location.search).get(name) ?? "";
}

export function showGreeting(element) {
  const name = new URLSearchParams(window.location.search).get("name");
  element.innerHTML = "<b>Welcome " + name + "</b>";
}

export function showWelcome(element) {
  const name = new URLSearchParams(window.location.search).get("name");
  element.textContent = "Welcome " + name;
}

export function showAnchor(element) {
  const section = decodeURIComponent(window.location.hash.slice(1));
  element.insertAdjacentHTML("beforeend", `<h2>${section}</h2>`);
}

export function showSection(element) {
  const section = decodeURIComponent(window.location.hash.slice(1));
  const heading = document.createElement("h2");
  heading.append(section);
  element.insertAdjacentElement("beforeend", heading);
}

export function showComment(element, comment) {
  element.innerHTML = DOMPurify.sanitize(comment.html);
}

export function showSpinner(element) {
  element.innerHTML = SPINNER;
}

export function showReferrer() {
  document.write("<p>You came from " + document.referrer + "</p>");
}

export function showYear() {
  document.write("<p>" + new Date().getFullYear() + "</p>");
}

export function showMessage() {
  window.addEventListener("message", (event) => {
    $("#message").html(event.data.text);
  });
}

export function showNotice() {
  window.addEventListener("message", (event) => {
    if (event.origin !== TRUSTED) {
      return;
    }
    $("#notice").text(event.data.text);
  });
}

export function showQuery() {
  const query = parameter("q");
  $("#query").append("<li>" + query + "</li>");
}

export function showTerm() {
  const term = parameter("q");
  $("#term").append($("<li>").text(term));
}

export function followLink() {
  const target = new URLSearchParams(location.search).get("continue");
  window.location.href = target;
}

export function followStep() {
  const step = Number(new URLSearchParams(location.search).get("step"));
  window.location.href = "/checkout/" + step;
}

export function runAction() {
  const action = window.location.hash.slice(1);
  eval("actions." + action + "()");
}

export function runStep(steps) {
  const step = window.location.hash.slice(1);
  if (Object.hasOwn(steps, step)) {
    steps[step]();
  }
}
