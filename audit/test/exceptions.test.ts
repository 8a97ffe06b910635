import assert from "node:assert/strict";
import type { Exception } from "../src/about.ts";
import { docker } from "../src/families/docker/index.ts";
import { ABOUT, healthy } from "./healthy.ts";

const WHY = "visitors ask there";

interface Binding {
  port: number;
  protocol?: string;
  ips?: string[];
}

/** The verdict on a healthy server whose two containers publish these ports on every address. */
function judged(
  id: string,
  ports: { edge?: (number | Binding)[]; api?: (number | Binding)[] },
  exceptions: Exception[],
): string {
  const evidence = healthy().docker;
  [ports.edge, ports.api].forEach((published, index) => {
    const bindings = (published ?? []).map((one) => {
      const { port, protocol = "tcp", ips = [""] } = typeof one === "number" ? { port: one } : one;
      return [`${port}/${protocol}`, ips.map((HostIp) => ({ HostIp, HostPort: String(port) }))];
    });
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
    allowed: ["80/tcp", "443/tcp"],
    why: WHY,
  };

  it("excuses what it names in that container, and shows the reason", () => {
    assert.equal(judged("docker.5.8", { edge: [80, 443] }, [edge]), `pass: 2 containers; by design ${WHY}`);
    assert.equal(judged("docker.5.8", {}, [edge]), "pass: 2 containers");
  });

  it("excuses neither anything else, nor another container, nor another check", () => {
    assert.equal(judged("docker.5.8", { edge: [80, 81] }, [edge]), "fail: maicivy_nginx: publishes 81/tcp");
    assert.equal(judged("docker.5.8", { api: [80] }, [edge]), "fail: api-0123456789-1: publishes 80/tcp");
    assert.match(
      judged("docker.5.14", { edge: [80] }, [edge]),
      /^fail: maicivy_nginx: 80\/tcp on every address/,
    );
  });

  it("excuses a port with its protocol, on the address that it names", () => {
    const dns: Exception = { check: "docker.5.8", allowed: ["53/udp"], why: WHY };
    const ips = ["0.0.0.0", "::"];
    const verdict = (binding: Binding, id = "docker.5.8"): string =>
      judged(id, { api: [binding] }, [{ ...dns, check: id }]);
    assert.match(verdict({ port: 53, protocol: "udp", ips }), /^pass/);
    assert.match(verdict({ port: 53, ips }), /^fail: api-0123456789-1: publishes 53\/tcp$/);
    assert.match(
      verdict({ port: 53, protocol: "udp", ips: ["203.0.113.7"] }),
      /publishes 203\.0\.113\.7:53\/udp$/,
    );
    assert.match(
      verdict({ port: 53, protocol: "udp", ips: ["fd00::7"] }, "docker.5.9"),
      /publishes \[fd00::7\]:53\/udp$/,
    );
    assert.match(verdict({ port: 53, ips }, "docker.5.14"), /: 53\/tcp on every address/);
  });

  it("holds for every container, and for all that the check finds, where it names none", () => {
    const any: Exception = { check: "docker.5.8", why: WHY };
    assert.match(judged("docker.5.8", { edge: [80], api: [22, 25] }, [any]), /^pass/);
  });
});
