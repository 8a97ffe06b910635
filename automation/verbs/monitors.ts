import { readFileSync } from "node:fs";
import { isAcme } from "../../config/schema/certificates.ts";
import type { StackConfig } from "../../config/schema/index.ts";
import { columns } from "../lib/columns.ts";
import { UserError } from "../lib/errors.ts";
import { readConfig } from "../lib/stack-config.ts";
import type { Answer } from "../lib/verb.ts";
import { openStack } from "../lib/workspace.ts";
import { askAll, type Asked } from "../monitors/ask.ts";
import { notExempt } from "../monitors/exempt.ts";
import { bodiesFor, type UptimeService } from "../monitors/services.ts";
import { wantedMonitors } from "../monitors/wanted.ts";

export interface MonitorsOptions {
  stack: string;
  /** A service: print what its API takes. */
  for?: UptimeService;
  /** A file with the addresses that a service asks from. */
  addresses?: string;
}

/**
 * What an uptime monitor outside should ask (M35, M36), found in the stack file, with the keywords of what answers now. The exit
 * code is 1 when a monitor would complain.
 */
export async function monitors({ stack, for: service, addresses }: MonitorsOptions): Promise<Answer> {
  const { config } = await readConfig(await openStack(stack));
  if (config.server.address === undefined)
    throw new UserError(
      `${stack} is a box on this machine, which no monitor outside reaches.`,
      "Name a stack with server.address: npm run monitors -- --stack prod",
    );
  const exempt =
    addresses === undefined ? undefined : notExempt(listIn(addresses), config.edge.limits.exempt);
  const trusted = isAcme(config.certificates) && config.certificates.directory === "letsencrypt";
  const found = await askAll(wantedMonitors(config), trusted);
  const code = found.every(({ well }) => well) ? 0 : 1;
  if (service !== undefined) {
    const bodies = bodiesFor(service, found, trusted);
    return { result: bodies, text: () => bodies.map((one) => JSON.stringify(one)).join("\n"), code };
  }
  return { result: { stack, monitors: found, exempt }, text: () => told(found, exempt, config), code };
}

function listIn(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`--addresses: ${(error as Error).message}`, "Name a file with one address a line.", {
      cause: error,
    });
  }
}

/** A table of the monitors, and what else a watch from outside wants. */
export function told(
  found: readonly Asked[],
  exempt: readonly string[] | undefined,
  { notifications, monitoring }: Pick<StackConfig, "notifications" | "monitoring">,
): string {
  const rows = found.map(({ name, url, status, keyword, now, well }) => [
    name,
    url,
    keyword === undefined ? String(status ?? "2xx") : `the text ${keyword}`,
    well ? now : `${now} ✖`,
  ]);
  const more = [
    ...(exempt ? [exemptions(exempt)] : []),
    ...(monitoring.enabled && !notifications.watchdog
      ? ["Nobody notices when alerts can't be sent any more: notifications.watchdog (docs/monitoring.md)."]
      : []),
  ];
  return [columns(["name", "address", "expects", "now"], rows, () => true), ...more].join("\n\n");
}

function exemptions(exempt: readonly string[]): string {
  if (exempt.length === 0) return "edge.limits.exempt has all of these addresses.";
  return `edge.limits.exempt lacks these:\n${exempt.map((one) => `        - ${JSON.stringify(one)}`).join("\n")}`;
}
