import type { AnyFamily } from "../family.ts";
import { certificate } from "./certificate.ts";
import { configuration } from "./configuration.ts";
import { dns } from "./dns.ts";
import { docker } from "./docker/index.ts";
import { engine } from "./engine.ts";
import { files } from "./files.ts";
import { firewall } from "./firewall.ts";
import { headers } from "./headers.ts";
import { http } from "./http.ts";
import { kernel } from "./kernel.ts";
import { machine } from "./machine.ts";
import { packages } from "./packages.ts";
import { ports } from "./ports.ts";
import { rateLimit } from "./rate-limit.ts";
import { secrets } from "./secrets.ts";
import { ssh } from "./ssh.ts";
import { tls } from "./tls.ts";
import { units } from "./units.ts";
import { users } from "./users.ts";

/** Every check there is, by family; the order is that of the report. The intrusive ones run last. */
export const FAMILIES: readonly AnyFamily[] = [
  ...[tls, certificate, headers, http, dns, ports, firewall, ssh, docker, engine, configuration],
  ...[secrets, files, users, units, kernel, machine, packages, rateLimit],
];
