export function invite(): string {
  // ruleid: js-insecure-random
  const inviteCode: string = Math.random().toString(36).substring(2, 8);
  return inviteCode;
}

export function shade(): number {
  // ok: js-insecure-random
  const hue: number = Math.floor(Math.random() * 360);
  return hue;
}
