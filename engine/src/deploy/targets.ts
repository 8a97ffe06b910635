import { CliError } from "../errors.ts";
import { dependenciesOf, isProviderType, STACK_TYPE, typeOf, type ResourceState } from "../state/types.ts";

/** The option `--target`: URNs, with `*` (within a part) and `**` (anything). Without it everything is targeted. */
export class Targets {
  readonly #patterns: RegExp[];
  readonly #dependents: boolean;
  readonly #taken = new Set<string>();

  constructor(urns: readonly string[], dependents: boolean) {
    this.#dependents = dependents;
    this.#patterns = urns.map((urn) => {
      const parts = urn.split(/(\*\*|\*)/).map((part) => {
        if (part === "**") return ".*";
        return part === "*" ? "[^:]*" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      });
      return new RegExp(`^${parts.join("")}$`);
    });
  }

  get constrained(): boolean {
    return this.#patterns.length > 0;
  }

  named(urn: string): boolean {
    return !this.constrained || this.#patterns.some((p) => p.test(urn));
  }

  /** The stack and providers are always included; with `--target-dependents` also what depends on a target. */
  includes(state: ResourceState): boolean {
    if (!this.constrained || isProviderType(state.type) || typeOf(state.urn) === STACK_TYPE) return true;
    const taken =
      this.named(state.urn) ||
      (this.#dependents && [...dependenciesOf(state)].some((urn) => this.#taken.has(urn)));
    if (taken) this.#taken.add(state.urn);
    return taken;
  }

  /** The states to delete, in the order of the state. @throws CliError when others depend on them */
  deletions(states: readonly ResourceState[]): ResourceState[] {
    if (!this.constrained) return [...states];
    const taken = new Set<string>();
    const missing: string[] = [];
    const list: ResourceState[] = [];
    for (const state of states) {
      const depends = [...dependenciesOf(state)].some((urn) => taken.has(urn));
      if (!this.named(state.urn) && !depends) continue;
      if (!this.named(state.urn) && !this.#dependents) missing.push(state.urn);
      taken.add(state.urn);
      list.push(state);
    }
    if (missing.length === 0) return list;
    throw new CliError(
      `these resources depend on a target and would be destroyed, but aren't targets themselves; name them with ` +
        `--target or pass --target-dependents:\n  ${missing.join("\n  ")}`,
    );
  }
}
