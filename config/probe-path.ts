import type { App } from "./schema/app/index.ts";
import type { Route } from "./schema/app/route.ts";

type Probed = Pick<App, "routes" | "health">;

/**
 * The health path as the edge serves it: the application's own where a route leads there, below the prefix that a route
 * takes away, else its first route.
 */
export function probePath({ routes: all, health }: Probed): string | undefined {
  const wanted = health.probe ?? health.path;
  const routes = asked(all);
  if (routes.some(({ path }) => wanted.startsWith(path))) return wanted;
  const stripped = routes.find(({ strip }) => strip);
  if (stripped) return stripped.path.replace(/\/$/, "") + wanted;
  return routes[0]?.path;
}

/** Routes where a simple request gets an answer: those of gRPC take no other. */
function asked(routes: readonly Route[]): Route[] {
  return routes.filter(({ grpc }) => !grpc);
}

/** The route of an application that answers a path: the longest that leads there. */
export function routeOf({ routes }: Pick<App, "routes">, path: string): Route | undefined {
  const fitting = routes.filter((route) => path.startsWith(route.path));
  return fitting.sort((a, b) => b.path.length - a.path.length)[0];
}

/** Paths that are asked for to see whether applications work; sorted, none twice. */
export function healthPaths(apps: Record<string, Probed>): string[] {
  const paths = Object.values(apps).flatMap((app) => {
    const own = asked(app.routes).some(({ path }) => app.health.path.startsWith(path))
      ? [app.health.path]
      : [];
    const probed = probePath(app);
    return probed ? [...own, probed] : own;
  });
  return [...new Set(paths)].sort();
}
