import assert from "node:assert/strict";
import type { ContainerInfo } from "../../automation/drift/container-info.ts";
import { isUpstream } from "../../automation/drift/drift.ts";

describe("a container of somebody else's on the private network", () => {
  const guest = (name: string, aliases: string[] | null): ContainerInfo =>
    ({
      Name: `/${name}`,
      NetworkSettings: { Networks: { net: { Aliases: aliases } } },
    }) as unknown as ContainerInfo;

  it("belongs there when a subdomain leads to its name or to one of its names on the network", () => {
    assert.ok(isUpstream(guest("grafana", null), "net", ["grafana"]));
    assert.ok(isUpstream(guest("monitoring-1", ["grafana", "1a2b"]), "net", ["grafana"]));
  });

  it("doesn't otherwise", () => {
    assert.ok(!isUpstream(guest("grafana", ["g"]), "net", []));
    assert.ok(!isUpstream(guest("stranger", ["grafana2"]), "net", ["grafana"]));
  });
});
