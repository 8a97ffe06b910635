import { z } from "zod";
import type { Server } from "./server.ts";

/** What `docker inspect` says of a container, as far as it is needed here. */
const inspected = z.array(
  z.object({
    Id: z.string(),
    Name: z.string(),
    State: z.object({ Status: z.string(), StartedAt: z.string() }),
  }),
);

type Container = z.output<typeof inspected>[number];

/** When a container was last started, ISO 8601, and whether Docker is about to start it again. */
export interface Start {
  at: string;
  restarting: boolean;
}

/** How many containers' logs are quoted, and how many lines of each. */
const [QUOTED, LINES] = [4, 20];

/**
 * The last start of each container of these releases, by its name.
 * @param releases names of releases, or of their containers
 * @throws CallFailed when the server or its Docker engine doesn't answer
 */
export async function startsOf(server: Server, releases: readonly string[]): Promise<Map<string, Start>> {
  const containers = await containersOf(server, releases);
  return new Map(
    containers.map(({ Name, State }) => [
      Name.slice(1),
      { at: State.StartedAt, restarting: State.Status === "restarting" },
    ]),
  );
}

/**
 * Names of all containers of these applications' releases: those of jobs and one-offs come and go.
 * @throws CallFailed when the server or its Docker engine doesn't answer
 */
export async function containerNames(server: Server, apps: readonly string[]): Promise<string[]> {
  const format = '{{.Label "service"}} {{.Names}} {{.Label "task"}}';
  const lines = (await server.docker(["ps", "--all", "--format", format])).split("\n");
  return lines
    .map((line) => line.trim().split(" "))
    .flatMap(([app = "", name, task]) => (name && !task && apps.includes(app) ? [name] : []));
}

/** The last log lines of these releases' containers, each under a heading. */
export async function logsOf(server: Server, releases: readonly string[]): Promise<string> {
  const containers = (await containersOf(server, releases)).slice(0, QUOTED);
  const texts = await Promise.all(
    containers.map(async ({ Name, Id }) => {
      const text = await server.logs(Id, LINES);
      return `\nLast log lines of ${Name.slice(1)}:\n${text.trim() || "(none)"}`;
    }),
  );
  return texts.join("");
}

/** A container's name is its release's, with a number and the engine's random letters behind it: `api-0123456789-1-f9ee53b`. */
async function containersOf(server: Server, releases: readonly string[]): Promise<Container[]> {
  if (releases.length === 0) return [];
  const filters = releases.flatMap((release) => ["--filter", `name=^/?${release}(-|$)`]);
  const listed = await server.docker(["ps", "--all", "--quiet", "--no-trunc", ...filters]);
  const ids = listed.split(/\s+/).filter(Boolean);
  return ids.length === 0 ? [] : inspected.parse(JSON.parse(await server.docker(["inspect", ...ids])));
}
