import type { App } from "../app.ts";
import type { Route } from "../http/router.ts";

/** `/metrics` in Prometheus' text format. */
export function metricsRoutes({ metrics }: App): Route[] {
  return [
    {
      method: "GET",
      path: "/metrics",
      handle: async ({ res }) => {
        res.setHeader("Content-Type", metrics.registry.contentType);
        res.end(await metrics.registry.metrics());
        return undefined;
      },
    },
  ];
}
