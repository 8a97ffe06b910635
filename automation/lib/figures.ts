import { z } from "zod";
import type { CallInputs } from "../../config/host/index.ts";
import type { StackOutputs } from "./outputs.ts";
import { UserError } from "./errors.ts";
import { Server } from "./server.ts";

const count = z.number().int().nonnegative();

/** Requests by the first digit of their status. */
const status = z.object({
  "1xx": count,
  "2xx": count,
  "3xx": count,
  "4xx": count,
  "5xx": count,
  other: count,
});

/** What HAProxy has counted (its management guide, section 9.1). */
const counters = z.object({
  requests: count,
  status,
  /** Connections that the container refused or never accepted. */
  connectErrors: count,
  /** Answers that broke off, or were no HTTP. */
  responseErrors: count,
  /** Connections tried again, and requests sent to another container. */
  retries: count,
  redispatches: count,
  /** Transfers that the container ended. */
  aborted: count,
});

const place = counters.extend({
  app: z.string(),
  container: z.string(),
  weight: count,
  state: z.enum(["up", "down", "draining", "maintenance"]),
  /** When the count began, in seconds of the epoch: the container got its place, or HAProxy started. */
  since: z.number(),
  /** Restarts after failures of its live check. */
  restarts: count.default(0),
  /** Sessions at this moment. */
  open: count,
  /** Means in milliseconds over the last 1,024 requests; `null` when none are this container's alone. */
  connectMs: z.number().nullable(),
  responseMs: z.number().nullable(),
});

/** What the host tools answer. */
export const answer = z.object({ servers: z.array(place) });

/** A container's place at the traffic switch. */
export type Place = z.output<typeof place>;

/** The figures of a release: the sum of its containers'. */
export interface ReleaseFigures extends Omit<Place, "container"> {
  release: string;
  image: string;
  containers: number;
}

/**
 * What HAProxy knows of each release that has a place at the switch.
 * @throws UserError when the stack's version has no such figures yet, or the server can't say
 */
export async function readFigures(stack: string, outputs: StackOutputs): Promise<ReleaseFigures[]> {
  if (outputs.switchSocket === undefined)
    throw new UserError(
      `${stack} was deployed by an earlier version, which can't say what its releases answer.`,
      `npm run up -- --stack ${stack} brings it to this version.`,
    );
  const input: CallInputs["figures"] = { socket: outputs.switchSocket };
  const { servers } = await Server.of(outputs).call("figures look", input, answer);
  return byRelease(servers, outputs.releases);
}

/**
 * The answer of the host tools.
 * @throws ZodError when it is another
 */
export const placesOf = (found: unknown): Place[] => answer.parse(found).servers;

/** Containers' figures by release, in the order of the outputs; what they don't declare is on its way out. */
export function byRelease(places: readonly Place[], releases: StackOutputs["releases"]): ReleaseFigures[] {
  const declared = Object.values(releases).flat();
  const nameOf = ({ container }: Place): string =>
    declared.find(({ release }) => container.startsWith(`${release}-`))?.release ?? withoutSuffix(container);
  const names = [...new Set([...declared.map(({ release }) => release), ...places.map(nameOf)])];
  return names.flatMap((release): ReleaseFigures[] => {
    const mine = places.filter((one) => nameOf(one) === release);
    if (mine.length === 0) return [];
    const image = declared.find((one) => one.release === release)?.image ?? "";
    return [{ release, image, containers: mine.length, ...together(mine) }];
  });
}

/** `api-0123456789-1-f9ee53b` → `api-0123456789`: number and random letters of a container go. */
const withoutSuffix = (container: string): string => container.replace(/-\d+(-[0-9a-f]{7})?$/, "");

const WORST = ["down", "maintenance", "draining", "up"] as const;

function together(places: readonly Place[]): Omit<Place, "container"> {
  const sum = (of: (one: Place) => number): number => places.reduce((total, one) => total + of(one), 0);
  return {
    app: places[0]!.app,
    weight: Math.max(...places.map(({ weight }) => weight)),
    state: WORST.find((state) => places.some((one) => one.state === state))!,
    since: Math.max(...places.map(({ since }) => since)),
    requests: sum(({ requests }) => requests),
    status: {
      "1xx": sum((one) => one.status["1xx"]),
      "2xx": sum((one) => one.status["2xx"]),
      "3xx": sum((one) => one.status["3xx"]),
      "4xx": sum((one) => one.status["4xx"]),
      "5xx": sum((one) => one.status["5xx"]),
      other: sum((one) => one.status.other),
    },
    connectErrors: sum((one) => one.connectErrors),
    responseErrors: sum((one) => one.responseErrors),
    retries: sum(({ retries }) => retries),
    redispatches: sum(({ redispatches }) => redispatches),
    aborted: sum(({ aborted }) => aborted),
    restarts: sum(({ restarts }) => restarts),
    open: sum(({ open }) => open),
    connectMs: mean(places, ({ connectMs }) => connectMs),
    responseMs: mean(places, ({ responseMs }) => responseMs),
  };
}

/** By how many requests each has answered; `null` when one that has answered any doesn't know. */
function mean(places: readonly Place[], of: (one: Place) => number | null): number | null {
  const asked = places.filter(({ requests }) => requests > 0);
  const requests = asked.reduce((total, one) => total + one.requests, 0);
  if (requests === 0 || asked.some((one) => of(one) === null)) return null;
  return asked.reduce((total, one) => total + of(one)! * one.requests, 0) / requests;
}
