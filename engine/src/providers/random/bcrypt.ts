import { randomBytes } from "node:crypto";

/**
 * bcrypt (N. Provos and D. Mazières, "A Future-Adaptable Password Scheme", USENIX 1999), because the official provider
 * records a hash beside each password and Node has none. Blowfish starts from the fractional digits of π, which are
 * computed here instead of listed.
 */

const ROUNDS = 16;
const ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** bcrypt ignores what comes after. */
const MAX_BYTES = 72;
const MAGIC = Buffer.from("OrpheanBeholderScryDoubt", "latin1");

/** The first `words` 32-bit words of π's fraction, by Machin's formula: π = 16·atan(1/5) − 4·atan(1/239). */
function piWords(words: number): Uint32Array {
  const guard = 64n;
  const unit = 1n << (BigInt(words * 32) + guard);
  const arctanOfInverse = (x: bigint): bigint => {
    let term = unit / x;
    let sum = term;
    for (let n = 3n, sign = -1n; term > 0n; n += 2n, sign = -sign) {
      term /= x * x;
      sum += (sign * term) / n;
    }
    return sum;
  };
  const pi = 16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n);
  const hex = ((pi - 3n * unit) >> guard).toString(16).padStart(words * 8, "0");
  return Uint32Array.from({ length: words }, (_, i) => Number.parseInt(hex.slice(i * 8, i * 8 + 8), 16));
}

let pi: Uint32Array | undefined;

interface State {
  p: Uint32Array;
  s: Uint32Array;
}

/** Encrypts the pair in place. */
function encipher({ p, s }: State, pair: Uint32Array): void {
  let left = pair[0]! ^ p[0]!;
  let right = pair[1]!;
  for (let i = 1; i <= ROUNDS; i++) {
    const sum = (s[left >>> 24]! + s[256 + ((left >>> 16) & 255)]!) | 0;
    const f = ((sum ^ s[512 + ((left >>> 8) & 255)]!) + s[768 + (left & 255)]!) | 0;
    const next = right ^ f ^ p[i]!;
    right = left;
    left = next;
  }
  pair[0] = right ^ p[ROUNDS + 1]!;
  pair[1] = left;
}

/** The bytes as 32-bit words, repeated endlessly. */
function cyclic(bytes: Uint8Array): (i: number) => number {
  const byte = (i: number): number => bytes[i % bytes.length]!;
  return (i) => (byte(4 * i) << 24) | (byte(4 * i + 1) << 16) | (byte(4 * i + 2) << 8) | byte(4 * i + 3);
}

/** Mixes the key into the subkeys, then replaces all of the state by ciphertexts salted with `salt`. */
function expand(state: State, key: (i: number) => number, salt?: (i: number) => number): void {
  for (let i = 0; i < state.p.length; i++) state.p[i]! ^= key(i);
  const pair = new Uint32Array(2);
  let at = 0;
  for (const words of [state.p, state.s]) {
    for (let i = 0; i < words.length; i += 2) {
      if (salt) {
        pair[0]! ^= salt(at++);
        pair[1]! ^= salt(at++);
      }
      encipher(state, pair);
      words[i] = pair[0]!;
      words[i + 1] = pair[1]!;
    }
  }
}

/** bcrypt's own base64: its own alphabet, no padding. */
function encode(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i]!, bytes[i + 1], bytes[i + 2]];
    const letters = [a >> 2, ((a & 3) << 4) | ((b ?? 0) >> 4)];
    if (b !== undefined) letters.push(((b & 15) << 2) | ((c ?? 0) >> 6));
    if (c !== undefined) letters.push(c & 63);
    out += letters.map((n) => ALPHABET[n]).join("");
  }
  return out;
}

function decode(letters: string): Buffer {
  const bits = [...letters].map((l) => ALPHABET.indexOf(l).toString(2).padStart(6, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
}

function digest(password: string, cost: number, salt: Uint8Array): string {
  pi ??= piWords(ROUNDS + 2 + 1024);
  const state: State = { p: pi.slice(0, ROUNDS + 2), s: pi.slice(ROUNDS + 2) };
  const key = cyclic(Buffer.concat([Buffer.from(password, "utf8"), Buffer.of(0)]).subarray(0, MAX_BYTES));
  const salted = cyclic(salt);
  expand(state, key, salted);
  for (let i = 0; i < 2 ** cost; i++) {
    expand(state, key);
    expand(state, salted);
  }
  const words = Uint32Array.from({ length: 6 }, (_, i) => MAGIC.readUInt32BE(i * 4));
  for (let block = 0; block < 6; block += 2)
    for (let i = 0; i < 64; i++) encipher(state, words.subarray(block, block + 2));
  const out = Buffer.alloc(24);
  words.forEach((word, i) => out.writeUInt32BE(word, i * 4));
  return `$2a$${String(cost).padStart(2, "0")}$${encode(salt)}${encode(out.subarray(0, 23))}`;
}

/** A `$2a$` hash of the password with a fresh salt. @param cost base-2 logarithm of the rounds; upstream uses 10 */
export function hash(password: string, cost = 10): string {
  return digest(password, cost, randomBytes(16));
}

/** Whether the password has this `$2a$` or `$2b$` hash. */
export function verify(password: string, hashed: string): boolean {
  const parts = /^\$2[aby]\$(\d\d)\$(.{22})(.{31})$/.exec(hashed);
  if (!parts) return false;
  return digest(password, Number(parts[1]), decode(parts[2]!)).slice(7) === hashed.slice(7);
}
