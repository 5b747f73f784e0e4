import crypto from "crypto";

export function ticket(user: User): string {
  // ruleid: js-weak-hash-for-security
  const accessToken: string = crypto.createHash("md5").update(user.email).digest("hex");
  return accessToken;
}

export function avatar(user: User): string {
  // ok: js-weak-hash-for-security
  const picture: string = crypto.createHash("md5").update(user.email).digest("hex");
  return picture;
}
