import { neededServices, SERVICE_NAMES, serviceRow, type Switches } from "./services.ts";

/**
 * Names that no application can take, and what each belongs to. What the switch and the edge call their own (sockets, files,
 * frontends, upstreams) begins with an underscore or holds one, which no application's name can (`label` in
 * schema/fields.ts): only names that other containers or the stack file itself know need to be here.
 */
export const RESERVED: ReadonlyMap<string, string> = reserved(() => true);

/** The names of {@link RESERVED} that a stack with these settings needs. */
export function reservedFor(settings: Switches): ReadonlyMap<string, string> {
  const needed = neededServices(settings);
  return reserved((name) => needed.includes(name) || !serviceRow(name).reservedWhereNeeded);
}

function reserved(isReserved: (name: (typeof SERVICE_NAMES)[number]) => boolean): Map<string, string> {
  return new Map([
    ...SERVICE_NAMES.filter(isReserved).flatMap(namesOf),
    ["localhost", "each container's own name for itself"],
    ["constructor", "what every object of the program has under that name"],
  ]);
}

function namesOf(service: (typeof SERVICE_NAMES)[number]): [string, string][] {
  const { title, alias, provides } = serviceRow(service);
  const own = provides
    ? `what an application needs to get ${provides.variable}`
    : `${title}'s name in the stack`;
  const network: [string, string][] = alias ? [[alias, `${title}'s name on the private network`]] : [];
  return [[service, own], ...network];
}
