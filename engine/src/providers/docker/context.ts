import type { Ctx } from "../contract.ts";
import type { Engine } from "./engine.ts";

/** The context of one docker provider instance. */
export interface DockerCtx extends Ctx {
  readonly engine: Engine;
}
