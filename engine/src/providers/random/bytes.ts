import { randomBytes as bytesOf } from "node:crypto";
import { map, num } from "../bridge/fields.ts";
import { randomResource } from "./resource.ts";

/** `random.RandomBytes`: `base64` and `hex` are secret; the official provider uses the base64 text as the id. */
export const randomBytes = randomResource({
  type: "random:index/randomBytes:RandomBytes",
  fields: {
    keepers: map({ force: true }),
    length: num({ required: true, force: true, expected: "1 or more", valid: (n) => Number(n) >= 1 }),
  },
  generated: ["base64", "hex"],
  idless: true,
  draw(inputs) {
    const bytes = bytesOf(Number(inputs["length"]));
    const base64 = bytes.toString("base64");
    return { id: base64, values: { base64, hex: bytes.toString("hex") } };
  },
});
