import { createCipheriv, randomBytes } from "crypto";

export function seal(text: string, key: Buffer): Buffer {
  // ruleid: js-fixed-key-or-iv
  return createCipheriv("aes-256-gcm", key, Buffer.alloc(12)).update(text);
}

export function sealSafe(text: string, key: Buffer): Buffer {
  // ok: js-fixed-key-or-iv
  return createCipheriv("aes-256-gcm", key, randomBytes(12)).update(text);
}
