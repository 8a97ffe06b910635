import { asMap, asText } from "./compose/json.ts";
import type { Service } from "./compose/service.ts";
import type { Notes } from "./notes.ts";
import { appName } from "./names.ts";
import { httpPort } from "./ports.ts";

/** Services of one image that become one application. */
export interface Group {
  /** Name of the application. */
  name: string;
  /** The service that answers HTTP. */
  web?: Service;
  workers: Service[];
  /** Services that end before the others start: what prepares a release. */
  once: Service[];
}

/** Applications from services: those of one image, or one build, whose settings don't contradict each other. */
export function groups(services: readonly Service[], notes: Notes): Group[] {
  const completed = services.flatMap(({ dependsOn }) =>
    Object.entries(dependsOn).flatMap(([name, condition]) =>
      condition === "service_completed_successfully" ? [name] : [],
    ),
  );
  const isOnce = (one: Service): boolean =>
    completed.includes(one.name) ||
    (ends(one) && services.some((other) => !ends(other) && sameImage(one, other)));
  const lasting = services.filter((one) => !isOnce(one));
  const result: Group[] = lasting
    .filter((one) => httpPort(one) !== undefined)
    .map((web) => ({ name: appName(web.name), web, workers: [], once: [] }));
  for (const worker of lasting.filter((one) => httpPort(one) === undefined)) {
    const home = result.find((group) => fits(group, worker, notes));
    if (home) home.workers.push(worker);
    else result.push({ name: appName(worker.name), workers: [worker], once: [] });
  }
  for (const once of services.filter(isOnce)) {
    const home =
      result.find(
        (group) =>
          sameImage(members(group)[0]!, once) &&
          members(group).some(({ dependsOn }) => once.name in dependsOn),
      ) ?? result.find((group) => sameImage(members(group)[0]!, once));
    if (home) home.once.push(once);
    else
      notes.add(
        once.name,
        "image",
        "not",
        "It runs once, from an image that no application has. Run it by hand, or put its work into the release command of the application that waits for it.",
      );
  }
  return result;
}

/** What prepares a release, by its name and command. */
const PREPARES =
  /migrat|upgrade|seed|collectstatic|createsuperuser|\bdb[:_-]|\b(init|setup|prepare|bootstrap|provision|install)/i;

/** A service that isn't restarted when it has ended. Many that run for ever are restarted on a failure only. */
function ends(one: Service): boolean {
  const condition = asText(asMap(asMap(one.raw.deploy).restart_policy).condition);
  const policy = condition ?? asText(one.raw.restart) ?? "";
  if (httpPort(one) !== undefined) return false;
  const isOnFailure = /^on-failure/.test(policy);
  return (
    /^(no|none)$/.test(policy) || (isOnFailure && PREPARES.test([one.name, ...(one.command ?? [])].join(" ")))
  );
}

export const members = ({ web, workers }: Group): Service[] => (web ? [web, ...workers] : workers);

function fits(group: Group, worker: Service, notes: Notes): boolean {
  if (!sameImage(members(group)[0]!, worker)) return false;
  const clash = members(group).flatMap((one) => contradictions(one, worker))[0];
  if (clash !== undefined)
    notes.add(
      worker.name,
      "environment",
      "different",
      `It is an application of its own: ${clash} has another value in ${group.name}, and processes of one application share their settings.`,
    );
  return clash === undefined;
}

function contradictions(one: Service, other: Service): string[] {
  return Object.keys(one.environment).filter(
    (key) => key in other.environment && other.environment[key] !== one.environment[key],
  );
}

/** One build, or one image; a service may also name the image that another one builds. */
export function sameImage(one: Service, other: Service): boolean {
  if (one.build && other.build) return JSON.stringify(one.build) === JSON.stringify(other.build);
  return one.image !== undefined && one.image === other.image;
}
