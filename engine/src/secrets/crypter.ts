import { createCipheriv, createDecipheriv, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { CliError } from "../errors.ts";

const derive = promisify(pbkdf2);
const keys = new Map<string, Promise<Buffer>>();
const crypters = new Map<string, Promise<Crypter>>();

/** Encrypts and decrypts with one stack's key: AES-256-GCM, written `v1:<nonce>:<ciphertext and tag>` in base64. */
export class Crypter {
  readonly #key: Buffer;
  constructor(key: Buffer) {
    this.#key = key;
  }

  encrypt(text: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce);
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
  }

  /** Throws when the text was not written with this key or has been altered. */
  decrypt(text: string): string {
    const [version, nonce, body, ...rest] = text.split(":");
    if (version !== "v1" || nonce === undefined || body === undefined || rest.length > 0) {
      throw new CliError(`bad encrypted value: expected "v1:<nonce>:<text>"`);
    }
    const sealed = Buffer.from(body, "base64");
    const decipher = createDecipheriv("aes-256-gcm", this.#key, Buffer.from(nonce, "base64"), {
      authTagLength: 16,
    });
    decipher.setAuthTag(sealed.subarray(-16));
    try {
      return decipher.update(sealed.subarray(0, -16), undefined, "utf8") + decipher.final("utf8");
    } catch {
      throw new CliError("failed to decrypt: the value was written with another key, or it is damaged");
    }
  }
}

/**
 * The crypter of a passphrase and the stack's `encryptionsalt` (`v1:<salt>:<check value>`). PBKDF2-SHA256 with
 * 1,000,000 rounds, done once a process.
 * @throws CliError "incorrect passphrase"
 */
export function openCrypter(passphrase: string, state: string): Promise<Crypter> {
  const id = `${state}\n${passphrase}`;
  let crypter = crypters.get(id);
  if (!crypter) crypters.set(id, (crypter = open(passphrase, state)));
  return crypter;
}

async function open(passphrase: string, state: string): Promise<Crypter> {
  const [version, salt, ...check] = state.split(":");
  if (version !== "v1" || salt === undefined || check.length !== 3) {
    throw new CliError(`encryptionsalt: expected "v1:<salt>:v1:<nonce>:<text>", found something else`);
  }
  const crypter = new Crypter(await keyOf(passphrase, Buffer.from(salt, "base64")));
  try {
    const found = Buffer.from(crypter.decrypt(check.join(":")));
    if (timingSafeEqual(found, Buffer.from("pulumi"))) return crypter;
  } catch {
    // Falls through: a wrong key and a damaged check value look the same.
  }
  throw new CliError("incorrect passphrase");
}

/** A new salt with its check value, for a new stack. */
export async function newSalt(passphrase: string): Promise<string> {
  const salt = randomBytes(8);
  const crypter = new Crypter(await keyOf(passphrase, salt));
  return `v1:${salt.toString("base64")}:${crypter.encrypt("pulumi")}`;
}

function keyOf(passphrase: string, salt: Buffer): Promise<Buffer> {
  const id = `${salt.toString("hex")}:${passphrase}`;
  let key = keys.get(id);
  if (!key) keys.set(id, (key = derive(passphrase, salt, 1_000_000, 32, "sha256")));
  return key;
}
