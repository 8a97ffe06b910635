import type { App } from "../app.ts";
import type { Route } from "../http/router.ts";
import type { Streams } from "../streams.ts";
import { aboutRoutes } from "./about.ts";
import { counterRoutes } from "./counter.ts";
import { healthRoutes } from "./health.ts";
import { itemRoutes } from "./items.ts";
import { metricsRoutes } from "./metrics.ts";
import { trafficRoutes } from "./traffic.ts";

/** Every route, in one list. */
export function allRoutes(app: App, streams: Streams): Route[] {
  return [
    ...healthRoutes(app),
    ...metricsRoutes(app),
    ...aboutRoutes(app),
    ...itemRoutes(app),
    ...counterRoutes(app),
    ...trafficRoutes(streams),
  ];
}
