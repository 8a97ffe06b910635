import assert from "node:assert/strict";
import type { About } from "../src/about.ts";
import { FAMILIES } from "../src/registry.ts";
import { firewall } from "../src/families/firewall.ts";
import { ABOUT, healthy, listening, type Evidence } from "./healthy.ts";

/** A stack that opens 8443/tcp and HTTP/3 in addition to the ports of every stack. */
const OPENED: About = {
  ...ABOUT,
  declared: [
    { port: 8443, protocol: "tcp" },
    { port: 443, protocol: "udp" },
  ],
};

function server(): Evidence {
  const { firewall: rules, ports, engine, ...rest } = healthy();
  rules.open.push("8443/tcp", "443/udp");
  rules.open6.push("8443/tcp", "443/udp");
  ports.open["203.0.113.7"]!.push(8443);
  engine.listening.push(listening("tcp", 8443, "docker-proxy"), listening("udp", 443, "docker-proxy"));
  return { ...rest, firewall: rules, ports, engine };
}

const CHECKS = ["firewall.rules", "firewall.ipv6", "ports.only-declared", "engine.listening"];

describe("audit: ports that the stack itself opens", () => {
  for (const id of CHECKS) {
    const check = FAMILIES.flatMap(({ checks }) => checks).find((one) => one.id === id)!;
    const evidence = server()[id.split(".")[0] as keyof Evidence];
    it(`${id} accepts them, and no others`, () => {
      assert.equal(check.judge(evidence, OPENED).result, "pass", check.judge(evidence, OPENED).found);
      assert.equal(check.judge(evidence, ABOUT).result, "fail");
    });
  }

  it("doesn't take a rule for UDP for one for TCP", () => {
    const rules = firewall.checks.find(({ id }) => id === "firewall.rules")!;
    const found = (open: string[]): string =>
      rules.judge({ ...healthy().firewall, open }, { ...ABOUT, declared: OPENED.declared }).found;
    assert.equal(found(["22/tcp", "80/tcp", "443/udp"]), "443 has no rule");
    assert.equal(found(["22", "80/tcp", "443/tcp", "8443/udp"]), "8443/udp is allowed");
  });

  it("reads ports and protocols from ufw's own words", () => {
    const status = [
      "Status: active",
      "Logging: on (low)",
      "Default: deny (incoming), allow (outgoing), deny (routed)",
      "80,443/tcp                 ALLOW IN    Anywhere",
      "22                         LIMIT IN    203.0.113.0/24",
      "443/udp (v6)               ALLOW IN    Anywhere (v6)",
      "25/tcp                     DENY IN     Anywhere",
    ].join("\n");
    const out = (text: string) => ({ code: 0, out: text, err: "" });
    const answers = { ufw: out(status), rules: out("-P INPUT DROP"), rules6: out(""), conf: out("") };
    const { open, open6 } = firewall.read(answers, ABOUT) as Evidence["firewall"];
    assert.deepEqual(open, ["80/tcp", "443/tcp", "22"]);
    assert.deepEqual(open6, ["443/udp"]);
  });
});

describe("audit: the chain in front of containers", () => {
  const check = firewall.checks.find(({ id }) => id === "firewall.docker")!;
  const judge = (...docker: string[]): string =>
    check.judge({ ...healthy().firewall, docker: docker.map((rule) => `-A DOCKER-USER ${rule}`) }, ABOUT)
      .result;

  it("is closed by a rule for every source", () => {
    assert.equal(judge("-i docker0 -j RETURN", "-o br-+ -j DROP"), "pass");
    assert.equal(judge("! -s 10.0.0.0/8 -i eth0 -j DROP"), "pass");
  });

  it("isn't closed by what refuses one address, one port or a list", () => {
    for (const rule of [
      "-s 203.0.113.9/32 -j REJECT --reject-with icmp-port-unreachable",
      "-i eth0 -p tcp -m tcp --dport 5432 -j DROP",
      "-i eth0 -p tcp -m conntrack --ctorigdstport 5432 --ctdir ORIGINAL -j DROP",
      "-m set --match-set crowdsec-blacklists src -j DROP",
    ])
      assert.equal(judge(rule), "fail", rule);
  });
});
