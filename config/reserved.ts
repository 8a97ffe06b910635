/**
 * Names that no application can take, and what each belongs to. What the switch and the edge call their own (sockets, files,
 * frontends, upstreams) begins with an underscore or holds one, which no application's name can (`label` in
 * schema/fields.ts): only names that other containers or the stack file itself know need a row here.
 */
export const RESERVED: ReadonlyMap<string, string> = new Map([
  ["postgres", "the database's name on the private network"],
  ["redis", "the cache's name on the private network"],
  ["edge", "Nginx's name on the private network"],
  ["switch", "HAProxy's name on the private network"],
  ["localhost", "each container's own name for itself"],
  ["database", "what an application needs to get DATABASE_URL"],
  ["cache", "what an application needs to get REDIS_URL"],
  ["constructor", "what every object of the program has under that name"],
]);
