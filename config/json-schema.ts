import { z } from "zod";
import { stackSchema } from "./schema/index.ts";

/** A node of a JSON Schema, as far as this project uses one. */
export interface SchemaNode {
  type?: string;
  description?: string;
  default?: unknown;
  examples?: unknown[];
  pattern?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  properties?: Record<string, SchemaNode>;
  required?: string[];
  items?: SchemaNode;
  anyOf?: SchemaNode[];
  additionalProperties?: SchemaNode | boolean;
  [key: string]: unknown;
}

/** The settings below the project's name. */
export function settingsSchema(): SchemaNode {
  return z.toJSONSchema(stackSchema, { io: "input" }) as SchemaNode;
}

const SECURE: SchemaNode = {
  type: "object",
  properties: { secure: { type: "string" } },
  required: ["secure"],
  additionalProperties: false,
};

/**
 * JSON Schema of a whole `Pulumi.<stack>.yaml`, for editors.
 * @param checks ids that `audit.accept` may name
 */
export function stackFileSchema(project: string, checks: readonly string[]): SchemaNode {
  const { properties = {}, required = [] } = settingsSchema();
  const accept = properties.audit?.properties?.accept;
  if (accept) accept.propertyNames = { enum: [...checks] };
  const prefixed = Object.entries(properties).map(([key, node]) => [`${project}:${key}`, node]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `Stack file of ${project}`,
    type: "object",
    properties: {
      encryptionsalt: { type: "string", description: "Written by Pulumi" },
      secretsprovider: { type: "string", description: "Written by Pulumi" },
      config: {
        type: "object",
        properties: Object.fromEntries(prefixed) as Record<string, SchemaNode>,
        required: required.map((key) => `${project}:${key}`),
        patternProperties: { [`^${project}:[A-Z][A-Z0-9_]*$`]: { ...SECURE, description: "A secret" } },
        additionalProperties: false,
      },
    },
    required: ["config"],
  };
}
