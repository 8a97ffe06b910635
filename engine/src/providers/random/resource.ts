import type { Props, ResourceType } from "../contract.ts";
import { UNKNOWN } from "../contract.ts";
import { checkInputs } from "../bridge/check.ts";
import { diffOutputs } from "../bridge/diff.ts";
import type { Fields } from "../bridge/fields.ts";
import { sparseDelta, DELTA } from "../bridge/state.ts";
import { DEFAULTS } from "../bridge/values.ts";

/** What differs between the random types. */
interface RandomTypeSpec {
  type: string;
  fields: Fields;
  /** Outputs that are only known after creation. */
  generated: readonly string[];
  /** The state has no `id` among the outputs (RandomBytes). */
  idless?: boolean;
  /** Draws the value. `inputs` are complete with defaults. @throws UnsupportedError where this engine draws none */
  draw(inputs: Props): { id: string; values: Props };
}

/** A random resource: drawn once, kept until an input changes. Every change replaces it. */
export function randomResource(spec: RandomTypeSpec): ResourceType {
  const { type, fields } = spec;
  const withDefaults = (inputs: Props): Props => {
    const out: Props = {};
    for (const [name, field] of Object.entries(fields)) {
      const value = inputs[name] ?? field.default;
      if (value !== undefined && value !== null && !field.output) out[name] = value;
    }
    // Two names of one setting: the official provider copies the one that is given.
    if (fields["number"] && fields["numeric"])
      out["number"] = out["numeric"] = inputs["numeric"] ?? inputs["number"] ?? true;
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
      // Drawn in a preview too, so that one that can't be drawn is refused before anything changes.
      const { id, values } = spec.draw(complete);
      if (preview) {
        const unknown = [...spec.generated, "id"].map((name) => [name, UNKNOWN] as const);
        return { id: "", outputs: { ...complete, ...Object.fromEntries(unknown) } };
      }
      const outputs: Props = { ...complete, ...values, ...(spec.idless ? {} : { id }) };
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
