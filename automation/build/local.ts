import { LOCAL_REGISTRY, repository } from "../../config/images.ts";
import type { Repository } from "./claims.ts";

/** Where this machine finds the repository of one of its own references. */
export const repositoryOf = (reference: string, port: number): Repository => ({
  registry: `127.0.0.1:${port}`,
  name: repository(reference).slice(LOCAL_REGISTRY.length + 1),
});
