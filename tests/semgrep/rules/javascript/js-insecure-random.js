function reset(user) {
  // ruleid: js-insecure-random
  const resetToken = Math.random().toString(36).slice(2);
  mail(user, resetToken);
}

function session() {
  // ruleid: js-insecure-random
  return { user: null, sessionId: String(Math.random()).slice(2) };
}

function generatePassword() {
  // ruleid: js-insecure-random
  return Math.random().toString(36).slice(-8);
}

class Account {
  constructor() {
    // ruleid: js-insecure-random
    this.apiKey = "k_" + Math.random();
  }
}

function resetSafe(user) {
  // ok: js-insecure-random
  const resetToken = crypto.randomBytes(32).toString("hex");
  mail(user, resetToken);
}

function delay(attempt) {
  // ok: js-insecure-random
  const wait = attempt * 100 + Math.random() * 50;
  return wait;
}

function pick(list) {
  // ok: js-insecure-random
  return list[Math.floor(Math.random() * list.length)];
}

function element() {
  // ok: js-insecure-random
  const id = "field-" + Math.random().toString(36).slice(2);
  return id;
}
