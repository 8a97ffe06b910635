import type * as docker from "@pulumi/docker";
import { portsOf } from "../../config/ports.ts";
import type { App } from "../../config/schema/app/index.ts";

/** Every address of the server, in both families: one alone would leave the other's visitors out. */
const EVERYWHERE = ["0.0.0.0", "::"];

/** The UDP ports of the server that the container of an application's own process has; undefined without any. */
export function publishedPorts(settings: Pick<App, "ports">): docker.types.input.ContainerPort[] | undefined {
  const published = portsOf(settings, "udp").flatMap(({ port, to }) =>
    EVERYWHERE.map((ip) => ({ internal: to, external: port, ip, protocol: "udp" })),
  );
  return published.length > 0 ? published : undefined;
}
