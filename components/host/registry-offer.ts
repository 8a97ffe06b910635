import * as pulumi from "@pulumi/pulumi";
import { OFFERED_REGISTRY } from "../../config/images.ts";
import type { Locked } from "./server-lock.ts";
import { startSession } from "./session.ts";

/**
 * Lets a server reach a registry of this machine for the rest of this run, over SSH: nothing has to be opened, neither here
 * nor there.
 * @param registry `host:port` as this machine reaches it
 */
export type OfferRegistry = (server: Pick<Locked, "ssh" | "tool">, registry: string) => Promise<void>;

/** What `offer-registry.mjs` prints. */
interface Answer {
  state: "open" | "refused" | "absent" | "unreachable";
  words?: string;
}

/**
 * A process of its own carries the connections: this one ends as soon as everything is declared, and images are pulled later.
 * That process ends when the engine, our parent, has ended.
 * An offer that fails stops nothing here: what was pulled before needs none, and a pull that fails says so.
 */
export function registryOffer(): OfferRegistry {
  const parent = process.ppid;
  return async ({ ssh, tool }, registry) => {
    if (pulumi.runtime.isDryRun()) return;
    const [host = "", port = ""] = registry.split(":");
    const { state, words } = await startSession<Answer>("offer-registry.mjs", {
      ssh,
      command: `${tool} registry offer`,
      hello: { port: OFFERED_REGISTRY.port },
      registry: { host, port: Number(port) },
      parent,
    });
    if (state !== "open")
      await pulumi.log.warn(`the server can't be offered the images of this machine: ${words ?? state}`);
  };
}
