import type { Props, ResourceType } from "../contract.ts";
import { UNKNOWN } from "../contract.ts";
import { checkInputs } from "../bridge/check.ts";
import { diffOutputs } from "../bridge/diff.ts";
import type { Fields } from "../bridge/fields.ts";
import { sparseDelta, DELTA } from "../bridge/state.ts";
import { DEFAULTS } from "../bridge/values.ts";

/** What differs between the random types. */
export interface Kind {
  type: string;
  fields: Fields;
  /** Upstream's schema version, in `__meta`. */
  version?: number;
  /** Outputs that are only known after creation. */
  generated: readonly string[];
  /** Outputs never stored in `outputs.id` (RandomBytes has none). */
  idless?: boolean;
  /** Draws the value. `inputs` are complete with defaults. */
  draw(inputs: Props): { id: string; values: Props };
}

/** A random resource: drawn once, kept until an input changes. Every change replaces it. */
export function randomResource(kind: Kind): ResourceType {
  const { type, fields } = kind;
  const withDefaults = (inputs: Props): Props => {
    const out: Props = {};
    for (const [name, field] of Object.entries(fields)) {
      const value = inputs[name] ?? field.default;
      if (value !== undefined && value !== null && !field.output) out[name] = value;
    }
    if (fields["number"] && fields["numeric"]) {
      const numeric = inputs["numeric"] ?? inputs["number"] ?? true;
      Object.assign(out, { number: numeric, numeric });
    }
    return out;
  };
  return {
    type,
    async check(_ctx, _urn, _olds, news) {
      // Upstream's plan fills the defaults in, so the recorded inputs stay as the program gave them.
      const { inputs, failures } = checkInputs(type, fields, undefined, news);
      const given = Object.entries(inputs).filter(([name]) => name !== DEFAULTS && name in news);
      return { inputs: Object.fromEntries(given), failures };
    },
    async diff(_ctx, _id, _urn, oldInputs, oldOutputs, news) {
      const diff = diffOutputs(fields, oldInputs, oldOutputs, withDefaults(news));
      return { ...diff, deleteBeforeReplace: false };
    },
    async create(_ctx, _urn, inputs, preview) {
      const complete = withDefaults(inputs);
      if (preview) {
        const unknown = [...kind.generated, "id"].map((name) => [name, UNKNOWN] as const);
        return { id: "", outputs: { ...complete, ...Object.fromEntries(unknown) } };
      }
      const { id, values } = kind.draw(complete);
      const outputs: Props = { ...complete, ...values, ...(kind.idless ? {} : { id }) };
      if (kind.version) outputs["__meta"] = JSON.stringify({ schema_version: String(kind.version) });
      outputs[DELTA] = sparseDelta(fields, outputs);
      return { id, outputs };
    },
    read: async (_ctx, id, _urn, inputs, outputs) => ({ id, inputs, outputs }),
    update: async (_ctx, _id, _urn, _oldInputs, oldOutputs, news) => ({
      outputs: { ...oldOutputs, ...news },
    }),
    delete: async () => undefined,
  };
}
