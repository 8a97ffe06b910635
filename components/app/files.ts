import type * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { ConfigError, type Problem } from "../../config/problems.ts";
import type { StackConfig } from "../../config/schema/index.ts";
import type { Server } from "../host/server.ts";
import { hostCommand } from "../lib/host-command.ts";
import { NoProjectFile, projectFile } from "../lib/project-file.ts";

/** A file of the project in the containers of a release. */
export interface ReleaseFile {
  path: string;
  mode: string;
  content: string;
}

/**
 * The files of all applications, read before anything is declared.
 * @throws ConfigError naming every one that can't be used
 */
export function readFiles({
  apps,
  stack,
}: Pick<StackConfig, "apps"> & { stack: string }): Record<string, ReleaseFile[]> {
  const problems: Problem[] = [];
  const files = Object.entries(apps).map(([app, settings]) => {
    const read = settings.files.flatMap(({ source, path, mode }, index): ReleaseFile[] => {
      try {
        return [{ path, mode, content: projectFile(source) }];
      } catch (error) {
        if (!(error instanceof NoProjectFile)) throw error;
        const remedy = "Correct the path, which begins at the folder of Pulumi.yaml, or remove the entry.";
        problems.push({
          path: `apps.${app}.files[${index}].source`,
          message: `${source}: ${error.message}`,
          remedy,
        });
        return [];
      }
    });
    return [app, read] as const;
  });
  if (problems.length > 0) throw new ConfigError(stack, problems);
  return Object.fromEntries(files);
}

/** Folder on the server with the files of a release. */
export function filesFolder({ root }: Pick<Server, "root">, identity: string): string {
  return `${root}/files/${identity}`;
}

/** Writes them; a release without any has no resource for it. */
export function writeReleaseFiles(
  identity: string,
  files: readonly ReleaseFile[],
  server: Server,
  parent: pulumi.Resource,
): command.remote.Command[] {
  if (files.length === 0) return [];
  const folder = filesFolder(server, identity);
  const input = {
    name: `files/${identity}`,
    directories: [{ path: folder, mode: "0755", purge: true }],
    files: files.map(({ mode, content }, index) => ({ path: `${folder}/${index}`, mode, content })),
  };
  return [hostCommand(`${identity}-files`, "files", input, server, { parent })];
}
