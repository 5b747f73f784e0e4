export function show(target: HTMLElement): void {
  const text: string = decodeURIComponent(window.location.hash);
  // ruleid: js-dom-xss
  target.innerHTML = `<em>${text}</em>`;
}

export function showSafe(target: HTMLElement): void {
  // ok: js-dom-xss
  target.textContent = decodeURIComponent(window.location.hash);
}
