import { asFlag, asList, asMap, asText, isMap, type Json, type JsonMap } from "./compose/json.ts";
import type { Service } from "./compose/service.ts";
import { bytes, size } from "./compose/units.ts";
import type { Notes } from "./notes.ts";
import { compact, nonEmpty } from "./process.ts";

/** Capabilities that make a container the host's master, or come close (capabilities(7)). */
const MASTER = new Set(
  "ALL SYS_ADMIN SYS_MODULE SYS_RAWIO SYS_PTRACE SYS_BOOT SYS_TIME DAC_READ_SEARCH MAC_ADMIN MAC_OVERRIDE BPF PERFMON".split(
    " ",
  ),
);

/** What containers of an application get beyond an image and limits. */
export function containerOf(services: readonly Service[], notes: Notes): JsonMap {
  const all = (key: string): Json[] => services.flatMap(({ raw }) => asList(raw[key]));
  const one = (key: string): Json | undefined =>
    services.map(({ raw }) => raw[key]).find((value) => value !== undefined && value !== null);
  const capabilities = capabilitiesOf(services, notes);
  const shm = bytes(asText(one("shm_size")));
  const user = asText(one("user"));
  const groups = all("group_add").map(Number).filter(Number.isInteger);
  if (user !== undefined && !/^\d+(:\d+)?$/.test(user))
    notes.add(
      services[0]!.name,
      `user: ${user}`,
      "not",
      "Only numbers are the same everywhere: `docker run --rm IMAGE id` shows those of the name.",
    );
  return compact({
    capabilities: capabilities.length > 0 ? capabilities : undefined,
    ulimits: nonEmpty(
      Object.assign({}, ...services.map(({ raw }) => ulimits(asMap(raw.ulimits)))) as JsonMap,
    ),
    init: services.some(({ raw }) => asFlag(raw.init)) || undefined,
    groups: groups.length > 0 ? groups : undefined,
    hosts: nonEmpty(Object.assign({}, ...services.map(hosts)) as JsonMap),
    shm: shm ? size(shm) : undefined,
    user: user !== undefined && /^\d+(:\d+)?$/.test(user) ? user : undefined,
  });
}

/** Those that are asked for; Docker's own fourteen are not, and an image that starts as root may count on some of them. */
function capabilitiesOf(services: readonly Service[], notes: Notes): string[] {
  const plain = (name: Json): string => (asText(name) ?? "").replace(/^CAP_/i, "").toUpperCase();
  const wanted = new Set(services.flatMap(({ raw }) => asList(raw.cap_add).map(plain)));
  for (const { name, raw } of services) {
    for (const one of asList(raw.cap_add).map(plain))
      if (MASTER.has(one))
        notes.add(name, `cap_add: ${one}`, "not", "With it a container is as good as root on the server.");
    const isBare = asList(raw.cap_drop).map(plain).includes("ALL") || /^[1-9]/.test(asText(raw.user) ?? "");
    if (!isBare)
      notes.add(
        name,
        "cap_add",
        "different",
        "Docker gives every container fourteen capabilities, the stack none. Where the image starts as root and changes its user or owners of files (gosu, su-exec, chown), it needs `capabilities: [CHOWN, DAC_OVERRIDE, FOWNER, SETGID, SETUID]`.",
      );
  }
  return [...wanted].filter((one) => !MASTER.has(one));
}

function ulimits(map: JsonMap): JsonMap {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => [
      name,
      isMap(value) ? { soft: Number(value.soft), hard: Number(value.hard) } : Number(value),
    ]),
  );
}

/** `name:address`, `name=address`, or a map. */
function hosts({ raw }: Service): JsonMap {
  const rows = isMap(raw.extra_hosts)
    ? Object.entries(raw.extra_hosts).map(
        ([host, address]) => [host, asText(asList(address)[0]) ?? ""] as const,
      )
    : asList(raw.extra_hosts).map((row) => {
        const [, host = "", address = ""] = /^([^:=]+)[:=](.*)$/.exec(asText(row) ?? "") ?? [];
        return [host, address.replace(/^\[|\]$/g, "")] as const;
      });
  return Object.fromEntries(rows);
}
