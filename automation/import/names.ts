import { RESERVED } from "../../config/reserved.ts";

/** A name as the stack file takes it for applications, volumes and jobs: lower-case letters, digits, hyphens. */
export function label(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "");
  return plain.slice(0, 32).replace(/-+$/, "") || "app";
}

/** The name of an application: one that belongs to the stack itself gets an ending. */
export function appName(service: string): string {
  const name = label(service);
  return RESERVED.has(name) ? label(`${name.slice(0, 28)}-app`) : name;
}

/** The name of a secret: upper case. */
export function secretName(text: string): string {
  return (
    text
      .toUpperCase()
      .replace(/[^A-Z0-9]+/g, "_")
      .replace(/^[^A-Z]+/, "") || "SECRET"
  );
}
