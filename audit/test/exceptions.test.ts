import assert from "node:assert/strict";
import type { Exception } from "../src/about.ts";
import { docker } from "../src/families/docker/index.ts";
import { ABOUT, healthy } from "./healthy.ts";

const WHY = "visitors ask there";

/** The verdict on a healthy server whose two containers publish these ports on every address. */
function judged(id: string, ports: { edge?: number[]; api?: number[] }, exceptions: Exception[]): string {
  const evidence = healthy().docker;
  [ports.edge, ports.api].forEach((published, index) => {
    const bindings = (published ?? []).map((port) => [`${port}/tcp`, [{ HostIp: "", HostPort: `${port}` }]]);
    evidence.containers[index]!.HostConfig.PortBindings = Object.fromEntries(bindings);
  });
  const { result, found } = docker.checks
    .find((check) => check.id === id)!
    .judge(evidence, { ...ABOUT, exceptions });
  return `${result}: ${found}`;
}

describe("audit: an exception that the caller declares", () => {
  const edge: Exception = {
    check: "docker.5.8",
    container: "maicivy_nginx",
    allowed: ["80", "443"],
    why: WHY,
  };

  it("excuses what it names in that container, and shows the reason", () => {
    assert.equal(judged("docker.5.8", { edge: [80, 443] }, [edge]), `pass: 2 containers; by design ${WHY}`);
    assert.equal(judged("docker.5.8", {}, [edge]), "pass: 2 containers");
  });

  it("excuses neither anything else, nor another container, nor another check", () => {
    assert.equal(judged("docker.5.8", { edge: [80, 81] }, [edge]), "fail: maicivy_nginx: publishes 81");
    assert.equal(judged("docker.5.8", { api: [80] }, [edge]), "fail: api-0123456789-1: publishes 80");
    assert.match(judged("docker.5.14", { edge: [80] }, [edge]), /^fail: maicivy_nginx: 80 on every address/);
  });

  it("holds for every container, and for all that the check finds, where it names none", () => {
    const any: Exception = { check: "docker.5.8", why: WHY };
    assert.match(judged("docker.5.8", { edge: [80], api: [22, 25] }, [any]), /^pass/);
  });
});
