import { UNKNOWN } from "../providers/contract.ts";
import { dependenciesOf, isProviderType, parseReference, type ResourceState } from "../state/types.ts";
import { mapProps } from "../values/value.ts";
import { replaceOnChanges } from "./diff.ts";
import { diffResource } from "./providers.ts";
import type { Run } from "./run.ts";

/** A resource that has to be deleted before `root` can be, with the properties that make it necessary. */
interface Dependent {
  state: ResourceState;
  keys: string[];
  /** Already replaced: it only has to be deleted, earlier than planned. */
  replaced: boolean;
}

/**
 * What must be deleted and created again when `root` is deleted before its replacement: resources that depend on it and
 * would be replaced if what they take from it changed, and old halves of replacements that still exist. In the order of
 * the state. A resource that this run has registered can't depend on `root` any more, even if the old state says so.
 * @param isReplaced whether this run replaces a resource
 */
export async function dependentReplacements(
  run: Run,
  root: ResourceState,
  isReplaced: (state: ResourceState) => boolean,
): Promise<Dependent[]> {
  const reached = new Set([root.urn]);
  const replaced = new Set([root.urn]);
  const found: Dependent[] = [];
  for (const state of run.base.slice(run.base.indexOf(root) + 1)) {
    const old = state.delete === true || isReplaced(state);
    if (run.news.has(state.urn) && !old) continue;
    const { parent: _parent, ...rest } = state;
    const needed = dependenciesOf(rest);
    if (![...needed].some((urn) => reached.has(urn))) continue;
    reached.add(state.urn);
    if (old) {
      replaced.add(state.urn);
      found.push({ state, keys: [], replaced: true });
      continue;
    }
    const keys = await replacedKeys(run, state, replaced);
    if (!keys) continue;
    replaced.add(state.urn);
    found.push({ state, keys, replaced: false });
  }
  return found;
}

async function replacedKeys(
  run: Run,
  state: ResourceState,
  replaced: ReadonlySet<string>,
): Promise<string[] | undefined> {
  if (!state.custom) return undefined;
  if (state.provider && replaced.has(parseReference(state.provider).urn)) return [];
  if (state.deletedWith && replaced.has(state.deletedWith)) return [];
  const touched = (key: string): boolean =>
    (state.propertyDependencies?.[key] ?? []).some((urn) => replaced.has(urn));
  if (!Object.keys(state.inputs).some(touched)) return undefined;
  if (isProviderType(state.type)) return undefined;
  const inputs = mapProps(state.inputs, (value, key) => (touched(key) ? UNKNOWN : value));
  const diff = await diffResource(await run.providers.bind(state), state, inputs, state.ignoreChanges ?? []);
  const { replaces } = replaceOnChanges(diff, state.replaceOnChanges ?? [], false);
  return replaces.length > 0 ? replaces : undefined;
}
