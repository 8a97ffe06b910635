import { randomBytes } from "node:crypto";
import { map } from "../bridge/fields.ts";
import { randomResource } from "./resource.ts";

/** `random.RandomUuid`: 16 random bytes written as a UUID. Like upstream, without the version bits of RFC 9562. */
export const randomUuid = randomResource({
  type: "random:index/randomUuid:RandomUuid",
  fields: { keepers: map({ force: true }) },
  generated: ["result"],
  draw() {
    const hex = randomBytes(16).toString("hex");
    const result = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    return { id: result, values: { result } };
  },
});
