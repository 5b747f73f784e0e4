import jwt from "jsonwebtoken";

const secret: string = "blue-river-stone";

export const sign = (claims: object): string => {
  // ruleid: js-hardcoded-signing-secret
  return jwt.sign(claims, secret);
};

export const signSafe = (claims: object, key: string): string => {
  // ok: js-hardcoded-signing-secret
  return jwt.sign(claims, key);
};
