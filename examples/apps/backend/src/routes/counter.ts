import type { App } from "../app.ts";
import type { Route } from "../http/router.ts";

/** A number in Redis. */
export function counterRoutes({ cache }: App): Route[] {
  return [
    { method: "GET", path: "/api/counter", handle: async () => ({ body: { value: await cache.count() } }) },
    {
      method: "POST",
      path: "/api/counter",
      handle: async () => ({ body: { value: await cache.increment() } }),
    },
  ];
}
