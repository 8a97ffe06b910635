import assert from "node:assert/strict";
import type { Ctx, DiffResult, Props, ResourceType } from "../../src/providers/contract.ts";
import { checked, typeOf } from "./golden.ts";

/** The kinds of all values, so that recorded and own outputs can be compared whatever the engine chose. */
export function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([key, member]) => [key, shape(member)]),
  );
}

/** One resource through its life on a real engine. */
export class CreatedResource {
  readonly ctx: Ctx;
  readonly type: ResourceType;
  readonly urn: string;
  id = "";
  inputs: Props = {};
  outputs: Props = {};
  constructor(ctx: Ctx, token: string, name: string) {
    this.ctx = ctx;
    this.type = typeOf(token);
    this.urn = `urn:pulumi:dev::test::${token}::${name}`;
  }
  async create(inputs: Props): Promise<this> {
    this.inputs = await checked(this.type, this.urn, inputs);
    const made = await this.type.create(this.ctx, this.urn, this.inputs, false);
    [this.id, this.outputs] = [made.id, made.outputs];
    const diff = await this.diff(inputs);
    assert.deepEqual(diff.detailedDiff, {}, "a second preview finds a change");
    return this;
  }
  async diff(inputs: Props): Promise<DiffResult> {
    const news = await checked(this.type, this.urn, inputs, this.inputs);
    return this.type.diff(this.ctx, this.id, this.urn, this.inputs, this.outputs, news);
  }
  async update(inputs: Props): Promise<void> {
    const news = await checked(this.type, this.urn, inputs, this.inputs);
    const updated = await this.type.update(
      this.ctx,
      this.id,
      this.urn,
      this.inputs,
      this.outputs,
      news,
      false,
    );
    [this.inputs, this.outputs] = [news, updated.outputs];
  }
  read = () => this.type.read(this.ctx, this.id, this.urn, this.inputs, this.outputs);
  async refresh(): Promise<void> {
    const found = await this.read();
    assert.ok(found, "it does not exist any more");
    [this.inputs, this.outputs] = [found.inputs, found.outputs];
  }
  delete = () => this.type.delete(this.ctx, this.id, this.urn, this.inputs, this.outputs);
}
