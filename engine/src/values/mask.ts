import { Secret, type Value } from "../providers/contract.ts";
import { isObject } from "./value.ts";

/** Shorter texts would turn ordinary words into noise. */
const SHORTEST = 5;

/** Members that name the other end of a connection; a message without them is of no help. */
const OPEN = new Set(["address", "host", "hostKey", "user", "username"]);

/** Knows the texts of secrets and removes them from messages. */
export class Mask {
  readonly #texts = new Set<string>();

  /**
   * Remembers the secrets inside a value. An SDK may wrap a whole connection: of an object that is secret as a whole
   * everything counts but the texts of {@link OPEN}.
   */
  learn(value: Value | undefined): void {
    if (value instanceof Secret) this.#learnSecret(value.value);
    else if (Array.isArray(value)) value.forEach((v) => this.learn(v));
    else if (isObject(value)) Object.values(value).forEach((v) => this.learn(v));
  }

  /** Remembers every text inside a secret of the stack's config. */
  learnAll(value: Value): void {
    if (typeof value === "string") this.#add(value);
    else if (Array.isArray(value)) value.forEach((v) => this.learnAll(v));
    else if (isObject(value)) Object.values(value).forEach((v) => this.learnAll(v));
  }

  #learnSecret(value: Value): void {
    if (value instanceof Secret) this.#learnSecret(value.value);
    else if (Array.isArray(value)) value.forEach((v) => this.#learnSecret(v));
    else if (typeof value === "string") this.#add(value);
    else if (isObject(value)) {
      for (const [name, member] of Object.entries(value))
        if (typeof member !== "string" || !OPEN.has(name)) this.#learnSecret(member);
    }
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
