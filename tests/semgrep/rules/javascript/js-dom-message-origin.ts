window.addEventListener("message", (event: MessageEvent) => {
  // ruleid: js-dom-message-origin
  document.body.innerHTML = event.data as string;
});

window.addEventListener("message", (event: MessageEvent) => {
  if (event.origin !== window.origin) {
    return;
  }
  // ok: js-dom-message-origin
  document.body.innerHTML = event.data as string;
});
