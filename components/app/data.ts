import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Volumes } from "../../config/schema/app/volumes.ts";
import type { Server } from "../host/server.ts";
import { hostCommand } from "../lib/host-command.ts";

/** `<system>_<application>_<name>`: no other volume of a stack has two underscores. */
export function volumeName(system: string, app: string, name: string): string {
  return `${system}_${app}_${name}`;
}

/** The volumes of an application, made before anything of it starts; see assets/host/fairlead/volume.py for their end. */
export function declareVolumes(
  app: string,
  settings: Volumes,
  server: Server,
  parent: pulumi.Resource,
): pulumi.Resource[] {
  return sorted(settings).map(([name, { owner, mode, backup }]) => {
    const volume = volumeName(server.name, app, name);
    const input = { volume, system: server.name, app, owner, mode, backup };
    return hostCommand(`${app}-volume-${name}`, "volume", input, server, { parent });
  });
}

/** Those that begin with what the image has at their path. */
export function volumesOf(
  system: string,
  app: string,
  settings: Volumes,
): docker.types.input.ContainerVolume[] | undefined {
  const plain = sorted(settings).filter(([, volume]) => !isOwned(volume));
  if (plain.length === 0) return undefined;
  return plain.map(([name, { path, readOnly }]) => {
    const volume = { volumeName: volumeName(system, app, name), containerPath: path };
    return readOnly ? { ...volume, readOnly } : volume;
  });
}

/** Those with an owner or permissions of their own: Docker would replace them with those of the image. */
export function mountsOf(
  system: string,
  app: string,
  settings: Volumes,
): docker.types.input.ContainerMount[] {
  return sorted(settings)
    .filter(([, volume]) => isOwned(volume))
    .map(([name, { path, readOnly }]) => {
      const mount = {
        type: "volume",
        source: volumeName(system, app, name),
        target: path,
        volumeOptions: { noCopy: true },
      };
      return readOnly ? { ...mount, readOnly } : mount;
    });
}

const isOwned = ({ owner, mode }: Volumes[string]): boolean => owner !== undefined || mode !== undefined;

const sorted = (settings: Volumes): [string, Volumes[string]][] =>
  Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
