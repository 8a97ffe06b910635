import type { IncomingMessage, ServerResponse } from "node:http";
import { HttpError } from "./errors.ts";

/** One request with all that a handler may need of it. */
export interface Exchange {
  req: IncomingMessage;
  res: ServerResponse;
  /** Values of the pattern's `:name` parts. */
  params: Record<string, string>;
  query: URLSearchParams;
}

/** What a handler answers with: a JSON body. Nothing when it has written the answer itself. */
export type Answer = { status?: number; body: Record<string, unknown> } | undefined;
export type Handler = (exchange: Exchange) => Answer | Promise<Answer>;

export interface Route {
  method: "GET" | "POST" | "DELETE";
  /** A path; a part that starts with `:` matches any text without a slash. */
  path: string;
  handle: Handler;
}

/** A route that fits, with the values of its parameters. */
export interface Match {
  route: Route;
  params: Record<string, string>;
}

/**
 * Finds the route of a request.
 * @throws HttpError 404 for an unknown path, 405 (with `Allow`) for a known path and another method
 */
export function findRoute(routes: Route[], method: string, path: string): Match {
  const matches = routes.flatMap((route) => {
    const params = matchPath(route.path, path);
    return params ? [{ route, params }] : [];
  });
  if (!matches.length) throw new HttpError(404, "not_found", `There is nothing at ${path}.`);
  const wanted = method === "HEAD" ? "GET" : method;
  const match = matches.find(({ route }) => route.method === wanted);
  if (match) return match;
  const allow = matches.map(({ route }) => route.method).join(", ");
  throw new HttpError(405, "method_not_allowed", `${path} takes ${allow}, not ${method}.`, { Allow: allow });
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, found] = [pattern.split("/"), path.split("/")];
  if (wanted.length !== found.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const text = found[i] ?? "";
    if (part.startsWith(":") && text) params[part.slice(1)] = text;
    else if (part !== text) return undefined;
  }
  return params;
}
