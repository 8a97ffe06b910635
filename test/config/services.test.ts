import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PUBLISHED } from "../../automation/images/names.ts";
import { infrastructureOf } from "../../config/images.ts";
import { RESERVED, reservedFor } from "../../config/reserved.ts";
import { stackSchema } from "../../config/schema/index.ts";
import { GENERATED } from "../../config/secrets.ts";
import { neededServices, PROVIDERS, SERVICE_NAMES, serviceRow } from "../../config/services.ts";
import { parsed } from "../support/settings.ts";

const OFF = { enabled: false };
const ON = { enabled: true };
const ALWAYS = ["database", "cache", "switch", "edge"];

describe("the table of services", () => {
  const rows = SERVICE_NAMES.map(serviceRow);

  it("gives each service an image, a container and a name of its own", () => {
    assert.ok(rows.length >= 4);
    for (const field of ["image", "container", "title"] as const)
      assert.equal(new Set(rows.map((row) => row[field])).size, rows.length, field);
  });

  it("names images that are built here, and that a stack file can choose a version of", () => {
    for (const { image } of rows) {
      assert.ok(existsSync(join(__dirname, "..", "..", "images", image, "Dockerfile")), image);
      assert.ok((PUBLISHED as readonly string[]).includes(image), image);
    }
    const versions = Object.fromEntries(rows.map(({ image }) => [image, "1.2.3"]));
    const references = infrastructureOf(parsed({ versions, monitoring: ON }).config);
    assert.deepEqual(
      references.map(({ reference }) => reference),
      rows.map(({ image, official }) => `${official ?? image}:1.2.3`),
    );
  });

  it("keeps names on the private network and in the stack from applications", () => {
    for (const [index, { alias }] of rows.entries()) {
      assert.ok(RESERVED.has(SERVICE_NAMES[index]!), SERVICE_NAMES[index]);
      if (alias !== undefined) assert.ok(RESERVED.has(alias), alias);
    }
  });

  it("keeps names of services that came later only where a stack runs them", () => {
    const names = [...reservedFor(parsed({ monitoring: ON }).config).keys()];
    assert.deepEqual(names, [...RESERVED.keys()]);
    const without = reservedFor(parsed().config);
    assert.deepEqual(
      names.filter((name) => !without.has(name)),
      SERVICE_NAMES.filter((name) => !ALWAYS.includes(name)),
    );
  });

  it("decides what a stack runs", () => {
    assert.deepEqual(neededServices(parsed().config), ALWAYS);
    assert.deepEqual(neededServices(parsed({ monitoring: ON }).config), SERVICE_NAMES);
    const storeless = neededServices(parsed({ monitoring: ON, database: OFF, cache: OFF }).config);
    assert.deepEqual(
      SERVICE_NAMES.filter((name) => !storeless.includes(name)),
      ["database", "cache", "postgres-exporter", "redis-exporter"],
    );
    const without = neededServices(
      parsed({ monitoring: { ...ON, exporters: { cache: false }, probes: { enabled: false } } }).config,
    );
    assert.deepEqual(
      SERVICE_NAMES.filter((name) => !without.includes(name)),
      ["redis-exporter", "blackbox-exporter"],
    );
    assert.deepEqual(neededServices(parsed({ database: OFF, cache: OFF }).config), ["switch", "edge"]);
    assert.deepEqual(neededServices(parsed({ cache: OFF }).config), ["database", "switch", "edge"]);
  });

  it("has the passwords that set-up makes, and what applications can need", () => {
    assert.deepEqual(GENERATED, ["POSTGRES_PASSWORD", "REDIS_PASSWORD"]);
    const needs = stackSchema.shape.apps.safeParse({ api: { image: "a:1", port: 80, needs: PROVIDERS } });
    assert.deepEqual(needs.data?.api?.needs, ["database", "cache"]);
  });

  it("says why where it differs from what the audit asks", () => {
    const exceptions = rows.flatMap(({ auditExceptions = [] }) => auditExceptions);
    assert.ok(exceptions.length > 0);
    for (const { check, why } of exceptions) {
      assert.match(check, /^(docker|containers)\.[\w.-]+$/);
      assert.ok(why.length > 20, check);
    }
  });
});
