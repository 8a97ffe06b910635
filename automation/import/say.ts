import { asMap, type JsonMap } from "./compose/json.ts";
import type { Project } from "./compose/read.ts";
import type { Service } from "./compose/service.ts";
import type { Notes } from "./notes.ts";
import { roleOf, type Role } from "./roles.ts";
import { rowOf } from "./table.ts";

const ROLES: Readonly<Record<Exclude<Role, "application">, readonly ["different" | "not", string]>> = {
  database: ["different", "The stack's own Postgres takes its place."],
  cache: [
    "different",
    "The stack's own Redis takes its place. All applications share its keys; one that puts a prefix before its own can have `cache` with a user of its own.",
  ],
  proxy: ["different", "The stack's edge takes its place: TLS, names, paths, limits, headers."],
  store: ["not", "The stack runs no such store. Run it elsewhere, and give its address as a secret."],
  cron: ["different", "Jobs of applications take its place; no container needs Docker's socket for them."],
  helper: ["different", "The stack does this itself: releases by npm run up, restarts of what is unhealthy."],
};

export function sayRole(service: Service, notes: Notes): void {
  const role = roleOf(service);
  if (role === "application") return;
  const [outcome, text] = ROLES[role];
  notes.add(service.name, `image: ${service.image ?? ""}`, outcome, text);
}

/** Every key of a service, and of what stands below it, has a row. */
export function sayKeys({ name, raw }: Service, notes: Notes): void {
  const say = (group: string, map: JsonMap, prefix: string): void => {
    for (const [key, value] of Object.entries(map)) {
      const row = rowOf(`${group}.${key}`);
      if (row && value !== null && !(group === "service" && key in BELOW))
        notes.add(name, `${prefix}${key}`, row.outcome, row.text);
    }
  };
  say("service", raw, "");
  for (const key of Object.keys(BELOW)) say(key, asMap(raw[key]), `${key}.`);
}

const BELOW: Readonly<Record<string, true>> = { deploy: true, build: true, healthcheck: true };

export function sayTop({ rest }: Project, notes: Notes): void {
  for (const key of Object.keys(rest)) {
    const row = rowOf(`top.${key}`);
    if (row && !(key in GROUPS)) notes.add(undefined, key, row.outcome, row.text);
    if (key in GROUPS)
      for (const [name, value] of Object.entries(asMap(rest[key])))
        for (const own of Object.keys(asMap(value))) {
          const inner = rowOf(`${GROUPS[key]!}.${own}`);
          if (inner) notes.add(undefined, `${key}.${name}.${own}`, inner.outcome, inner.text);
        }
  }
}

const GROUPS: Readonly<Record<string, string>> = { volumes: "volume", secrets: "secret", configs: "config" };

export function sayMisfit(path: readonly PropertyKey[], message: string, notes: Notes): void {
  const [first, app, ...rest] = path.map(String);
  if (first === "apps" && app !== undefined) notes.add(app, rest.join("."), "not", `Left out: ${message}.`);
  else notes.add(undefined, path.map(String).join("."), "not", `Left out: ${message}.`);
}
