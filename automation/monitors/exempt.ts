import { BlockList, isIP } from "node:net";
import { network } from "../../config/schema/fields.ts";
import { UserError } from "../lib/errors.ts";

/**
 * Addresses and networks of a list that `edge.limits.exempt` doesn't have yet.
 * @param text one a line, as services publish theirs; what follows `#` is a remark
 * @throws UserError for a line that is neither
 */
export function notExempt(text: string, exempt: readonly string[]): string[] {
  const lines = text.split("\n").map((line) => line.replace(/#.*/, "").trim());
  const wanted = lines.filter((line) => line !== "");
  const wrong = wanted.find((line) => !network.safeParse(line).success);
  if (wrong !== undefined)
    throw new UserError(
      `--addresses: "${wrong}" is neither an address nor a network.`,
      "Give the list as text, one address a line.",
    );
  return [...new Set(wanted)].filter((line) => !exempt.some((one) => covers(one, line)));
}

/** A network is exempt when one at least as large is. */
function covers(exempt: string, line: string): boolean {
  const [[start, at, kind], [address, length, family]] = [parts(exempt), parts(line)];
  if (kind !== family || at > length) return false;
  const list = new BlockList();
  list.addSubnet(start, at, kind);
  return list.check(address, family);
}

function parts(one: string): [address: string, length: number, family: "ipv4" | "ipv6"] {
  const [address = "", length] = one.split("/");
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  return [address, Number(length ?? (family === "ipv6" ? 128 : 32)), family];
}
