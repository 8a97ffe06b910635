import type { Props } from "../providers/contract.ts";
import { nameOf, STACK_TYPE, typeOf, type ResourceState, type Timeouts } from "../state/types.ts";

/** Another name that a resource had: a URN, or what differs from now. */
export type Alias =
  | { urn: string }
  | { name?: string; type?: string; stack?: string; project?: string; parent?: string; noParent?: boolean };

/** What the program wants of one resource. */
export interface Goal {
  type: string;
  name: string;
  custom: boolean;
  inputs: Props;
  parent: string;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  /** `<provider URN>::<id>`, "" for components and providers. */
  provider: string;
  protect: boolean;
  retainOnDelete: boolean;
  deleteBeforeReplace: boolean | undefined;
  deletedWith: string;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  additionalSecretOutputs: string[];
  aliases: Alias[];
  customTimeouts: Timeouts;
  sourcePosition: string;
  stackTrace: { sourcePosition?: string }[];
}

/** The names that URNs are made of. */
export interface Names {
  stack: string;
  project: string;
}

export function makeUrn(names: Names, parent: string, type: string, name: string): string {
  const parents = parent && typeOf(parent) !== STACK_TYPE ? `${parent.split("::")[2] ?? ""}$` : "";
  return `urn:pulumi:${names.stack}::${names.project}::${parents}${type}::${name}`;
}

/** Every URN under which the resource may be found in the old state, its parent's old names included. */
export function aliasUrns(goal: Goal, names: Names, parentAliases: readonly string[]): string[] {
  const urns = new Set<string>();
  for (const alias of goal.aliases) {
    if ("urn" in alias) {
      urns.add(alias.urn);
      continue;
    }
    const [name, type] = [alias.name || goal.name, alias.type || goal.type];
    const where = { stack: alias.stack || names.stack, project: alias.project || names.project };
    const parent = alias.noParent ? "" : (alias.parent ?? "") || goal.parent;
    urns.add(makeUrn(where, parent, type, name));
    if (alias.parent || alias.noParent) continue;
    for (const old of parentAliases) urns.add(makeUrn(where, old, type, childName(name, goal.parent, old)));
  }
  for (const old of parentAliases) {
    urns.add(makeUrn(names, old, goal.type, childName(goal.name, goal.parent, old)));
  }
  urns.delete(makeUrn(names, goal.parent, goal.type, goal.name));
  return [...urns];
}

/** A child named after its parent was named after the parent's old name. */
function childName(name: string, parent: string, oldParent: string): string {
  const now = nameOf(parent);
  return name.startsWith(now) ? nameOf(oldParent) + name.slice(now.length) : name;
}

/** The new state of a goal, before any provider has been asked. */
export function stateFor(goal: Goal, urn: string, old: ResourceState | undefined): ResourceState {
  const state: ResourceState = {
    urn,
    custom: goal.custom,
    type: goal.type,
    inputs: goal.inputs,
    outputs: {},
    dependencies: goal.dependencies,
    propertyDependencies: goal.propertyDependencies,
  };
  if (goal.parent) state.parent = goal.parent;
  if (goal.protect) state.protect = true;
  if (goal.provider) state.provider = goal.provider;
  if (goal.additionalSecretOutputs.length > 0) state.additionalSecretOutputs = goal.additionalSecretOutputs;
  if (old && old.urn !== urn) state.aliases = [old.urn];
  const timeouts = Object.entries(goal.customTimeouts).filter(([, seconds]) => seconds);
  if (timeouts.length > 0) state.customTimeouts = Object.fromEntries(timeouts) as Timeouts;
  if (goal.retainOnDelete) state.retainOnDelete = true;
  if (goal.deletedWith) state.deletedWith = goal.deletedWith;
  if (old?.created) state.created = old.created;
  if (old?.modified) state.modified = old.modified;
  if (goal.sourcePosition) state.sourcePosition = goal.sourcePosition;
  if (goal.stackTrace.length > 0) state.stackTrace = goal.stackTrace;
  if (goal.ignoreChanges.length > 0) state.ignoreChanges = goal.ignoreChanges;
  if (goal.replaceOnChanges.length > 0) state.replaceOnChanges = goal.replaceOnChanges;
  if (old?.rest) state.rest = old.rest;
  return state;
}
