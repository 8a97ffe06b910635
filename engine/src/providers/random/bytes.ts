import { randomBytes as bytesOf } from "node:crypto";
import { map, num, text } from "../bridge/fields.ts";
import { randomResource } from "./resource.ts";

const positive = num({ required: true, force: true, expected: "1 or more", valid: (n) => Number(n) >= 1 });

/** `random.RandomBytes`: `base64` and `hex` are secret; the official provider uses the base64 text as the id. */
export const randomBytes = randomResource({
  type: "random:index/randomBytes:RandomBytes",
  fields: { keepers: map({ force: true }), length: positive },
  generated: ["base64", "hex"],
  idless: true,
  draw(inputs) {
    const bytes = bytesOf(Number(inputs["length"]));
    const base64 = bytes.toString("base64");
    return { id: base64, values: { base64, hex: bytes.toString("hex") } };
  },
});

/** `random.RandomId`: `byteLength` bytes in four notations, each after `prefix`. */
export const randomId = randomResource({
  type: "random:index/randomId:RandomId",
  fields: { byteLength: positive, keepers: map({ force: true }), prefix: text({ force: true }) },
  generated: ["b64Std", "b64Url", "dec", "hex"],
  draw(inputs) {
    const bytes = bytesOf(Number(inputs["byteLength"]));
    const prefix = typeof inputs["prefix"] === "string" ? inputs["prefix"] : "";
    const id = bytes.toString("base64url");
    const notations = {
      b64Std: bytes.toString("base64"),
      b64Url: id,
      dec: BigInt(`0x${bytes.toString("hex")}`).toString(),
      hex: bytes.toString("hex"),
    };
    return { id, values: Object.fromEntries(Object.entries(notations).map(([k, v]) => [k, prefix + v])) };
  },
});
