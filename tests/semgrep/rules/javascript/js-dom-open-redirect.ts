export function go(): void {
  const target: string | null = new URLSearchParams(window.location.search).get("to");
  // ruleid: js-dom-open-redirect
  window.location.assign(target!);
}

export function goHome(): void {
  // ok: js-dom-open-redirect
  window.location.assign("/home?from=" + encodeURIComponent(window.location.search));
}
