import jwt from "jsonwebtoken";

export function claims(token: string): jwt.JwtPayload {
  // ruleid: js-jwt-unverified
  return jwt.verify(token, key, { algorithms: ["none", "HS256"] }) as jwt.JwtPayload;
}

export function claimsSafe(token: string): jwt.JwtPayload {
  // ok: js-jwt-unverified
  return jwt.verify(token, key, { algorithms: ["HS256"] }) as jwt.JwtPayload;
}
