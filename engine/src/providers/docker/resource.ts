import type { Props, ResourceType, Value } from "../contract.ts";
import { automaticName, checkInputs } from "../bridge/check.ts";
import { diffOutputs, plannedValue } from "../bridge/diff.ts";
import type { Fields } from "../bridge/fields.ts";
import { outputsOf, previewOutputs } from "../bridge/state.ts";
import { DEFAULTS, defaultsOf, withoutDefaults } from "../bridge/values.ts";
import { withTimeout } from "../timeout.ts";
import type { DockerCtx } from "./context.ts";

/** What the engine reports about a resource: its id and the properties that were read. */
export interface ReadResult {
  id: string;
  values: Props;
}

/** What differs between the docker types. `name` is how messages call the resource, e.g. `container "db"`. */
export interface DockerTypeSpec {
  type: string;
  noun: string;
  fields: Fields;
  /** Upstream's bookkeeping for `__meta`. */
  meta: Props;
  /** A name is made up where none is given. */
  autoname: boolean;
  /** Upstream always deletes it before creating its replacement. */
  deleteFirst?: boolean;
  create(ctx: DockerCtx, name: string, wanted: Props): Promise<ReadResult>;
  /** Undefined: it doesn't exist any more. `last` are the last outputs, or the inputs right after creation. */
  read(ctx: DockerCtx, name: string, id: string, last: Props): Promise<ReadResult | undefined>;
  /** Absent: nothing can be updated in place. May return what it read afterwards. */
  update?(ctx: DockerCtx, name: string, id: string, last: Props, wanted: Props): Promise<ReadResult | void>;
  delete(ctx: DockerCtx, name: string, id: string, last: Props): Promise<void>;
}

/** Twenty minutes, upstream's limit for each operation on containers and images, in nanoseconds. */
const LIMIT = 1_200_000_000_000;
/** `__meta` of types with time limits; the key is upstream's. */
export const TIMED: Props = {
  "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0": { create: LIMIT, delete: LIMIT, update: LIMIT },
};

/** Recorded inputs after a refresh: single values follow what was read, and are no defaults any more, like the official provider. */
function refreshedInputs(inputs: Props, outputs: Props): Props {
  const single = (v: Value | undefined): boolean => ["string", "number", "boolean"].includes(typeof v);
  const out = { ...inputs };
  for (const [name, value] of Object.entries(inputs)) {
    if (!single(value) || !single(outputs[name]) || value === outputs[name]) continue;
    out[name] = outputs[name]!;
    out[DEFAULTS] = (defaultsOf(out) ?? []).filter((kept) => kept !== name);
  }
  return out;
}

/** A resource of the docker provider. */
export function dockerResource(spec: DockerTypeSpec): ResourceType {
  const { type, fields, meta } = spec;
  const title = (props: Props): string => `${spec.noun} ${JSON.stringify(props["name"] ?? "")}`;
  return {
    type,
    async check(_ctx, urn, olds, news, seed) {
      return checkInputs(
        type,
        fields,
        olds,
        news,
        spec.autoname ? () => automaticName(urn, seed) : undefined,
      );
    },
    async diff(_ctx, _id, _urn, oldInputs, oldOutputs, news) {
      return diffOutputs(fields, oldInputs, oldOutputs, news, spec.deleteFirst);
    },
    async create(ctx, _urn, inputs, preview, seconds) {
      if (preview) return { id: "", outputs: previewOutputs(fields, inputs) };
      const wanted = withoutDefaults(inputs);
      const { id, values } = await withTimeout(ctx, seconds, (c) =>
        spec.create(c as DockerCtx, title(inputs), wanted),
      );
      // Upstream trusts its plan for sets that were given: what the engine reports of them counts from a refresh on.
      const given = Object.entries(wanted).filter(([name]) => fields[name]?.kind === "set");
      return { id, outputs: outputsOf(fields, id, meta, { ...values, ...Object.fromEntries(given) }) };
    },
    async read(ctx, id, _urn, inputs, outputs) {
      const found = await spec.read(
        ctx as DockerCtx,
        title(outputs["name"] ? outputs : { name: id }),
        id,
        outputs,
      );
      if (!found) return undefined;
      const read = outputsOf(fields, found.id, meta, found.values);
      return { id: found.id, inputs: refreshedInputs(inputs, read), outputs: read };
    },
    async update(ctx, id, _urn, _oldInputs, oldOutputs, news, preview) {
      const wanted = withoutDefaults(news);
      const plan: Props = Object.fromEntries(
        Object.entries(fields).map(([name, field]) => [
          name,
          plannedValue(field, oldOutputs[name], wanted[name]),
        ]),
      );
      if (preview) return { outputs: { ...plan, id } };
      const found = await spec.update?.(ctx as DockerCtx, title(news), id, oldOutputs, plan);
      return { outputs: outputsOf(fields, found?.id ?? id, meta, found?.values ?? plan) };
    },
    async delete(ctx, id, _urn, _inputs, outputs, seconds) {
      await withTimeout(ctx, seconds, (c) => spec.delete(c as DockerCtx, title(outputs), id, outputs));
    },
  };
}
