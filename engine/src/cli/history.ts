import { Command } from "commander";
import { ops, summaryOrder } from "../display/opText.ts";
import type { Json, JsonObject } from "../values/codec.ts";
import { stackOf, type Context } from "./context.ts";

interface Flags {
  json?: boolean;
  showSecrets?: boolean;
  pageSize: string;
  page: string;
}

/** `pulumi stack history` */
export function historyCommand(context: Context, stack: () => string | undefined): Command {
  return new Command("history")
    .description("the updates of the stack, newest first")
    .option("-j, --json", "as JSON")
    .option("--show-secrets", "decrypt secrets in the configuration")
    .option("--page-size <count>", "updates a page; 0: all", "0")
    .option("--page <number>", "which page, from 1", "1")
    .action(async (_: Flags, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const { workspace, ref } = stackOf(context, stack());
      const all = workspace.backend.history(ref);
      const size = Number(flags.pageSize);
      const first = size > 0 ? (Math.max(1, Number(flags.page)) - 1) * size : 0;
      const page = size > 0 ? all.slice(first, first + size) : all;
      if (!flags.json) return page.forEach((entry) => context.print(historyLine(entry)));
      const config = workspace.config(ref);
      const secret = page.some((entry) => JSON.stringify(entry["config"]).includes('"secure":'));
      const crypter = secret && flags.showSecrets ? await workspace.crypter(ref, config) : undefined;
      const decrypt = (text: string): string | undefined => crypter?.decrypt(text);
      context.print(
        JSON.stringify(
          page.map((entry) => historyEntryJson(entry, decrypt)),
          null,
          2,
        ),
      );
    });
}

const iso = (seconds: Json | undefined): string => new Date(Number(seconds) * 1000).toISOString();

function historyEntryJson(entry: JsonObject, decrypt: (text: string) => string | undefined): JsonObject {
  const config: JsonObject = {};
  for (const [key, value] of Object.entries((entry["config"] ?? {}) as JsonObject)) {
    const secure = (value as { secure?: string } | null)?.secure;
    if (secure === undefined) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      config[key] = {
        value: text,
        ...(typeof value === "object" ? { objectValue: value } : {}),
        secret: false,
      };
    } else {
      const plain = decrypt(secure);
      config[key] = { ...(plain === undefined ? {} : { value: plain }), secret: true };
    }
  }
  const { kind, startTime, message, environment, result, endTime, resourceChanges } = entry;
  return {
    version: 0,
    kind: kind ?? null,
    startTime: iso(startTime),
    message: message ?? "",
    environment: environment ?? {},
    config,
    result: result ?? null,
    endTime: iso(endTime),
    ...(resourceChanges ? { resourceChanges } : {}),
  };
}

function historyLine(entry: JsonObject): string {
  const changes = (entry["resourceChanges"] ?? {}) as Partial<Record<"same", number>>;
  const counts = summaryOrder
    .filter((op) => changes[op as "same"])
    .map((op) => `${ops[op].sign.trim()}${changes[op as "same"] ?? 0}${op === "same" ? " unchanged" : ""}`);
  const seconds = Number(entry["endTime"]) - Number(entry["startTime"]);
  return `${iso(entry["startTime"])}  ${String(entry["kind"])} ${String(entry["result"])} in ${seconds}s  ${counts.join(" ")}`;
}
