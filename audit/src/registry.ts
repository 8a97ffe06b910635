import type { Family } from "./family.ts";
import { certificate } from "./families/certificate.ts";
import { configuration } from "./families/configuration.ts";
import { dns } from "./families/dns.ts";
import { docker } from "./families/docker/index.ts";
import { engine } from "./families/engine.ts";
import { files } from "./families/files.ts";
import { firewall } from "./families/firewall.ts";
import { headers } from "./families/headers.ts";
import { http } from "./families/http.ts";
import { kernel } from "./families/kernel.ts";
import { machine } from "./families/machine.ts";
import { packages } from "./families/packages.ts";
import { ports } from "./families/ports.ts";
import { rateLimit } from "./families/rate-limit.ts";
import { secrets } from "./families/secrets.ts";
import { ssh } from "./families/ssh.ts";
import { tls } from "./families/tls.ts";
import { units } from "./families/units.ts";
import { users } from "./families/users.ts";

/** Every check there is, by family; the order is that of the report. The intrusive ones run last. */
export const FAMILIES: readonly Family[] = [
  tls,
  certificate,
  headers,
  http,
  dns,
  ports,
  firewall,
  ssh,
  docker,
  engine,
  configuration,
  secrets,
  files,
  users,
  units,
  kernel,
  machine,
  packages,
  rateLimit,
];

/** Ids of all checks, in the order of the report. */
export const ids = (): string[] => FAMILIES.flatMap(({ checks }) => checks.map(({ id }) => id));

/** Whether an id is one of these, or below one of them; no list chooses every id. */
export function isChosen(id: string, only: readonly string[] = []): boolean {
  return only.length === 0 || only.some((one) => id === one || id.startsWith(`${one}.`));
}

/** Which of these, ids or beginnings of ids, choose no check. */
export function unknownIds(only: readonly string[]): string[] {
  return only.filter((one) => !ids().some((id) => isChosen(id, [one])));
}
