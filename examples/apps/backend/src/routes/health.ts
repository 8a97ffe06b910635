import type { App } from "../app.ts";
import type { Answer, Route } from "../http/router.ts";

/**
 * Both health levels (requirements A12, A13), also under `/api/`, where an edge that only routes `/api/` to the
 * backend finds them. The shallow one looks at nothing outside the process: it is the liveness check, and a
 * database that is away is no reason to restart the backend.
 */
export function healthRoutes(app: App): Route[] {
  const shallow = () => health(app);
  const deep = () => deepHealth(app);
  return [
    { method: "GET", path: "/health", handle: shallow },
    { method: "GET", path: "/health/deep", handle: deep },
    { method: "GET", path: "/api/health", handle: shallow },
    { method: "GET", path: "/api/health/deep", handle: deep },
  ];
}

function health(app: App): Answer {
  const status = app.inFlight.draining ? "draining" : app.config.fault.unhealthy ? "unhealthy" : "ok";
  return {
    status: status === "ok" ? 200 : 503,
    body: { status, timestamp: new Date().toISOString(), service: app.config.service },
  };
}

async function deepHealth(app: App): Promise<Answer> {
  const [database, redis] = await Promise.all([
    app.config.fault.deep ? false : app.database.ping(),
    app.cache.ping(),
  ]);
  const status = app.inFlight.draining ? "draining" : database && redis ? "ok" : "degraded";
  return {
    status: status === "ok" ? 200 : 503,
    body: {
      status,
      timestamp: new Date().toISOString(),
      service: app.config.service,
      checks: { database, redis },
    },
  };
}
