import type { App } from "../../config/schema/app/index.ts";

type Probed = Pick<App, "routes" | "health">;

/** The health path as the edge serves it: the application's own where a route leads there, else its first route. */
export function probePath({ routes, health }: Probed): string | undefined {
  const wanted = health.probe ?? health.path;
  return routes.some(({ path }) => wanted.startsWith(path)) ? wanted : routes[0]?.path;
}

/** Paths that are asked for to see whether applications work; sorted, none twice. */
export function healthPaths(apps: Record<string, Probed>): string[] {
  const paths = Object.values(apps).flatMap((app) => {
    const own = app.routes.some(({ path }) => app.health.path.startsWith(path)) ? [app.health.path] : [];
    const probed = probePath(app);
    return probed ? [...own, probed] : own;
  });
  return [...new Set(paths)].sort();
}
