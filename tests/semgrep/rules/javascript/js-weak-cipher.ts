import { createCipheriv } from "crypto";

export function seal(data: Buffer, key: Buffer): Buffer {
  // ruleid: js-weak-cipher
  return createCipheriv("aes-256-ecb", key, null).update(data);
}

export function sealSafe(data: Buffer, key: Buffer, iv: Buffer): Buffer {
  // ok: js-weak-cipher
  return createCipheriv("aes-256-gcm", key, iv).update(data);
}
