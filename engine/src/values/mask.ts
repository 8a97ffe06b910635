import { Secret, type Value } from "../providers/contract.ts";
import { isObject } from "./value.ts";

/** Shorter texts would turn ordinary words into noise. */
const SHORTEST = 5;

/** Knows the texts of secrets and takes them out of messages. */
export class Mask {
  readonly #texts = new Set<string>();

  /** Remembers the secrets inside a value. */
  learn(value: Value | undefined, secret = false): void {
    if (value instanceof Secret) this.learn(value.value, true);
    else if (Array.isArray(value)) value.forEach((v) => this.learn(v, secret));
    else if (isObject(value)) Object.values(value).forEach((v) => this.learn(v, secret));
    else if (secret && typeof value === "string") this.#add(value);
  }

  #add(text: string): void {
    for (const part of [text, ...text.split("\n")]) {
      if (part.trim().length >= SHORTEST) this.#texts.add(part.trim());
    }
  }

  apply(message: string): string {
    let masked = message;
    for (const text of this.#texts) if (masked.includes(text)) masked = masked.replaceAll(text, "[secret]");
    return masked;
  }
}
