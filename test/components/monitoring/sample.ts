import type { Watched } from "../../../components/monitoring/watched.ts";
import { parsed } from "../../support/settings.ts";

/** A stack with everything that monitoring knows of. */
export function watched(settings: Record<string, unknown> = {}): Watched {
  const { config } = parsed({
    domain: "shop.test",
    apps: {
      shop: {
        image: "ghcr.io/me/shop:1.0.0",
        port: 8000,
        routes: [{ path: "/" }],
        metrics: { interval: "10 s" },
        processes: { worker: { command: ["work"], metrics: { port: 9000, path: "/figures" } } },
      },
      plain: { image: "ghcr.io/me/plain:1.0.0", port: 80, routes: [{ path: "/plain/" }] },
      quiet: { image: "ghcr.io/me/quiet:1.0.0" },
    },
    monitoring: {
      enabled: true,
      probes: { resolver: "9.9.9.9" },
      apps: {
        shop: {
          objectives: { latency: "200 ms" },
          thresholds: { errorRate: { above: 0.1 }, responseTime: { above: "1 s" } },
        },
      },
    },
    notifications: {
      slack: { channel: "#alerts" },
      discord: {},
      email: { to: ["you@example.com"], from: "shop@example.com", host: "smtp.example.com", user: "shop" },
      webhook: { severities: ["critical"] },
      quiet: { from: "22:00", to: "07:00", timeZone: "Europe/Paris" },
      watchdog: {},
    },
    ...settings,
  });
  return { ...config, stack: "test" };
}
