import { randomUUID } from "node:crypto";
import {
  PartialError,
  UNKNOWN,
  UnsupportedError,
  type Ctx,
  type DiffResult,
  type Props,
  type ProviderPackage,
  type ResourceType,
  type Value,
} from "../../src/providers/contract.ts";

/** One thing that really exists in the fake world. */
export interface Thing {
  id: string;
  urn: string;
  inputs: Props;
}

/** What may happen to a provider's operation. `after`: the effect happens, then the error. */
export type Fault = "fails" | "fails after" | "half made";

/** Where fake resources exist. It outlives the engine, as a real cloud does. */
export class World {
  readonly things = new Map<string, Thing>();
  readonly log: string[] = [];
  readonly violations: string[] = [];
  /** Ids made by a creation that was cut off: no engine can know what they depend on. */
  readonly orphans = new Set<string>();
  fault: (operation: string, urn: string) => Fault | undefined = () => undefined;

  of(urn: string): Thing[] {
    return [...this.things.values()].filter((thing) => thing.urn === urn);
  }

  /** The ids that inputs refer to in a way that can't outlive them. */
  static references(inputs: Props): string[] {
    const { hard } = inputs;
    return Array.isArray(hard) ? hard.filter((v): v is string => typeof v === "string") : [];
  }

  async operate<T>(operation: string, urn: string, effect: () => T, gate: Gate): Promise<T> {
    await gate();
    this.log.push(`${operation} ${urn.split("::").at(-1) ?? ""}`);
    const fault = this.fault(operation, urn);
    if (fault === "fails") throw new Error(`${operation} of ${urn} fails`);
    const result = effect();
    await gate();
    if (fault === "fails after") throw new Error(`${operation} of ${urn} fails after its effect`);
    return result;
  }
}

/** Passed before and after each operation; never resolves once the engine that asks has been killed. */
export type Gate = () => Promise<void>;

const none: DiffResult = {
  changes: "none",
  replaces: [],
  diffs: [],
  detailedDiff: {},
  deleteBeforeReplace: false,
  stables: [],
};

const key = (value: Value | undefined): string =>
  value === UNKNOWN
    ? "unknown"
    : JSON.stringify(value, (_, v: unknown) => (typeof v === "symbol" ? "unknown" : v));

/**
 * `fake:index:Thing`: `soft`, `text`, `secret` update in place; `hard` and `identity` replace; `first: true` wants the
 * old one deleted first. Outputs: its inputs, `made` and, secret by the provider, `key`.
 */
export function fakePackage(world: World, gate: Gate = () => Promise.resolve()): ProviderPackage {
  const known = ["soft", "text", "secret", "hard", "identity", "first", "list", "extra"];
  const type: ResourceType = {
    type: "fake:index:Thing",
    check: (_ctx, urn, _olds, news) => {
      const strange = Object.keys(news).find((k) => !known.includes(k));
      if (strange) throw new UnsupportedError(`property "${strange}" of fake:index:Thing`);
      const failures = news["text"] === "bad" ? [{ property: "text", reason: "must not be bad" }] : [];
      return Promise.resolve({ inputs: { ...news, extra: news["extra"] ?? "default" }, failures });
    },
    diff: (_ctx, _id, _urn, olds, _outputs, news) => {
      const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
      const diffs = keys.filter((k) => key(olds[k]) !== key(news[k]));
      if (diffs.length === 0) return Promise.resolve(none);
      const replaces = diffs.filter((k) => ["hard", "identity"].includes(k));
      const detailedDiff: DiffResult["detailedDiff"] = {};
      for (const k of diffs) {
        const kind = !(k in olds) ? "add" : k in news ? "update" : "delete";
        detailedDiff[k] = { kind: replaces.includes(k) ? `${kind}-replace` : kind, inputDiff: true };
      }
      return Promise.resolve({
        ...none,
        changes: "some",
        replaces,
        diffs,
        detailedDiff,
        deleteBeforeReplace: olds["first"] === true,
      } as DiffResult);
    },
    create: async (_ctx, urn, inputs, preview) => {
      if (preview) return { id: "", outputs: { ...inputs, made: UNKNOWN } };
      const id = `${urn.split("::").at(-1) ?? ""}-${randomUUID().slice(0, 8)}`;
      await world.operate("create", urn, () => world.things.set(id, { id, urn, inputs }), gate);
      if (world.fault("init", urn) === "half made") throw new PartialError(id, { ...inputs }, ["not ready"]);
      return { id, outputs: { ...inputs, made: id, key: "top-secret-key" } };
    },
    read: async (_ctx, id, urn, inputs, outputs) => {
      const thing = await world.operate("read", urn, () => world.things.get(id), gate);
      if (!thing) return undefined;
      const merged = Object.keys(inputs).length > 0 ? { ...outputs, ...thing.inputs } : thing.inputs;
      return { id, inputs: { ...inputs, ...thing.inputs }, outputs: { ...merged, made: id } };
    },
    update: async (_ctx, id, urn, _oldInputs, _oldOutputs, news, preview) => {
      if (!preview) {
        await world.operate(
          "update",
          urn,
          () => {
            if (!world.things.has(id)) world.violations.push(`update of ${urn}, which doesn't exist`);
            world.things.set(id, { id, urn, inputs: news });
          },
          gate,
        );
      }
      return { outputs: { ...news, made: id, key: "top-secret-key" } };
    },
    delete: (_ctx, id, urn) =>
      world.operate(
        "delete",
        urn,
        () => {
          for (const other of world.things.values()) {
            if (
              other.id !== id &&
              !world.orphans.has(other.id) &&
              World.references(other.inputs).includes(id)
            ) {
              world.violations.push(`${urn} (${id}) deleted while ${other.urn} depends on it`);
            }
          }
          world.things.delete(id);
        },
        gate,
      ),
  };
  return {
    name: "fake",
    version: "1.0.0",
    resources: { [type.type]: type },
    checkConfig: (inputs) => Promise.resolve({ inputs, failures: [] }),
    diffConfig: (olds, news) => {
      const differs = key(olds["region"]) !== key(news["region"]);
      return Promise.resolve({ diffs: [], replaces: differs ? ["region"] : [] });
    },
    configure: (_config, base: Ctx) => Promise.resolve(base),
    secretOutputs: () => ["key"],
    close: () => Promise.resolve(),
  };
}
