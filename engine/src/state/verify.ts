import { dependenciesOf, isProviderType, parseReference, type ResourceState } from "./types.ts";

/**
 * Checks the rules of every state: each resource once (except replaced ones that are still to be deleted), after
 * everything that it depends on, with a provider that exists. Returns what is wrong, or undefined.
 */
export function findCorruption(resources: readonly ResourceState[]): string | undefined {
  const seen = new Set<string>();
  const providers = new Set<string>();
  const live = new Set<string>();
  for (const [index, state] of resources.entries()) {
    const { urn } = state;
    if (!urn) return `resource at index ${index} missing required 'urn' field`;
    if (!state.type) return `resource '${urn}' missing required 'type' field`;
    if (!state.custom && state.id) return `resource '${urn}' has 'custom' false but a non-empty ID`;
    if (isProviderType(state.type)) providers.add(`${urn}::${state.id ?? ""}`);
    if (state.provider && !providers.has(state.provider) && !state.pendingReplacement) {
      return `resource ${urn} refers to unknown provider ${parseReference(state.provider).urn}`;
    }
    for (const [kind, dependency] of edges(state)) {
      if (seen.has(dependency)) continue;
      const later = resources.slice(index + 1).some((r) => r.urn === dependency);
      return `resource ${urn}'s ${kind} ${dependency} ${later ? "comes after it" : "is missing"}`;
    }
    if (!state.delete && live.has(urn)) return `duplicate resource ${urn} (not marked for deletion)`;
    if (!state.delete) live.add(urn);
    seen.add(urn);
  }
  return undefined;
}

function* edges(state: ResourceState): Generator<[string, string]> {
  if (state.parent) yield ["parent", state.parent];
  for (const urn of state.dependencies) yield ["dependency", urn];
  for (const [key, urns] of Object.entries(state.propertyDependencies ?? {})) {
    for (const urn of urns) yield [`property dependency (${key})`, urn];
  }
  if (state.deletedWith) yield ["deletedWith", state.deletedWith];
}

/**
 * Removes dependencies on resources that don't come before: they were deleted, and only a resource that waits for its own
 * deletion or replacement (or was refreshed) still names them.
 */
export function dropDangling(resources: readonly ResourceState[]): void {
  const seen = new Set<string>();
  const keep = (urn: string): boolean => seen.has(urn);
  for (const state of resources) {
    if (![...dependenciesOf(state)].every(keep)) {
      state.dependencies = state.dependencies.filter(keep);
      const map = Object.entries(state.propertyDependencies ?? {});
      if (map.length > 0) {
        state.propertyDependencies = Object.fromEntries(map.map(([key, urns]) => [key, urns.filter(keep)]));
      }
      if (state.deletedWith && !keep(state.deletedWith)) delete state.deletedWith;
    }
    seen.add(state.urn);
  }
}
