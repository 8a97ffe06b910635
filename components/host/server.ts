import type * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

/** A server that can be reached over SSH; what every other component builds on. */
export interface Server {
  /** How `command.remote` reaches it, with the pinned host key. */
  connection: pulumi.Input<command.types.input.remote.ConnectionArgs>;
  /** The command of the host tools, with sudo where the user isn't root. */
  tool: string;
  /** The Docker engine on it. */
  docker: docker.Provider;
  /** Folder of the system on it: `/opt/<name>`. */
  root: string;
  /** Prefix of containers and networks. */
  name: string;
  /** Where it reaches the registry of our own images, when not under that registry's own name. */
  registry?: string;
  /** The private network that every container joins (H16). */
  network: pulumi.Input<string>;
  /** Identity of the stack's state, once this server is its own and locked for this run; goes into every call of the tools. */
  ownerId: pulumi.Input<string>;
  /** Host tools and Docker engine are there. */
  after?: pulumi.Resource;
  /** A box: everything on it goes when it goes, so nothing on it has to be deleted one by one. */
  lifetime?: pulumi.Resource;
}

/** Options of a Docker resource on the server. */
export function onServer(
  server: Server,
  parent: pulumi.Resource,
  more: pulumi.CustomResourceOptions = {},
): pulumi.CustomResourceOptions {
  return { parent, provider: server.docker, deletedWith: server.lifetime, ...more };
}

/** A volume with data. One that the state knows keeps the name that it has there: renamed, it would begin empty. */
export function dataVolume(
  name: string,
  volume: string,
  server: Server,
  parent: pulumi.Resource,
): docker.Volume {
  return new docker.Volume(name, { name: volume }, onServer(server, parent, { ignoreChanges: ["name"] }));
}
