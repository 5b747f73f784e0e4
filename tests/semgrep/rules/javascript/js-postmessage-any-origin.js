function signedIn(token) {
  // ruleid: js-postmessage-any-origin
  window.opener.postMessage({ type: "login", token }, "*");
}

function share(frame, account) {
  // ruleid: js-postmessage-any-origin
  frame.contentWindow.postMessage(account.accessToken, "*");
}

function state() {
  // ruleid: js-postmessage-any-origin
  parent.postMessage(JSON.stringify({ session: localStorage.getItem("session") }), "*");
}

function signedInSafe(token) {
  // ok: js-postmessage-any-origin
  window.opener.postMessage({ type: "login", token }, "https://shop.example.org");
}

function heightSafe() {
  // ok: js-postmessage-any-origin
  parent.postMessage({ height: document.body.scrollHeight }, "*");
}

function workerSafe(worker, token) {
  // ok: js-postmessage-any-origin
  worker.postMessage({ token });
}
