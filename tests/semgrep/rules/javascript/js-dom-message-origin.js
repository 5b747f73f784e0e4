window.addEventListener("message", (event) => {
  // ruleid: js-dom-message-origin
  document.getElementById("chat").innerHTML = event.data.text;
});

window.addEventListener("message", function (e) {
  const { code } = e.data;
  // ruleid: js-dom-message-origin
  eval(code);
});

window.onmessage = (event) => {
  const next = JSON.parse(event.data);
  // ruleid: js-dom-message-origin
  window.location.href = next.url;
};

window.addEventListener("message", (event) => {
  if (event.origin !== "https://chat.example.org") return;
  // ok: js-dom-message-origin
  document.getElementById("chat").innerHTML = event.data.text;
});

window.addEventListener("message", (event) => {
  // ok: js-dom-message-origin
  document.getElementById("chat").textContent = event.data.text;
});

socket.addEventListener("open", (event) => {
  // ok: js-dom-message-origin
  document.getElementById("state").innerHTML = event.data;
});

window.addEventListener("message", function (e) {
  const size = Number(e.data.height);
  // ok: js-dom-message-origin
  document.getElementById("frame").innerHTML = "<i>" + size + "</i>";
});
