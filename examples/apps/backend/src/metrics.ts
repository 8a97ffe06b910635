import type { IncomingMessage } from "node:http";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** Streams that live for minutes; their length says nothing about how fast answers are. */
const STREAMS = new Set(["/api/events", "/ws"]);

/** The metrics of requirements M30 and M31. Times in seconds. */
export class Metrics {
  readonly registry = new Registry();

  private readonly requests = new Counter({
    name: "http_requests_total",
    help: "Requests answered, by method, route and status",
    labelNames: ["method", "route", "status"] as const,
    registers: [this.registry],
  });

  private readonly duration = new Histogram({
    name: "http_request_duration_seconds",
    help: "Seconds from a request's first byte to its answer's last; streams are left out",
    labelNames: ["method", "route"] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5],
    registers: [this.registry],
  });

  readonly visitors = new Gauge({
    name: "analytics_realtime_visitors",
    help: "Open WebSockets of this process",
    registers: [this.registry],
  });

  readonly connections = new Gauge({
    name: "active_connections",
    help: "Open client connections of this process",
    registers: [this.registry],
  });

  constructor(release: string, version: string) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: "app_info",
      help: "Always 1; the labels say which release runs",
      labelNames: ["release", "version"] as const,
      registers: [this.registry],
    }).set({ release, version }, 1);
  }

  observe(req: IncomingMessage, route: string, status: number, seconds: number): void {
    const method = req.method ?? "";
    this.requests.inc({ method, route, status });
    if (!STREAMS.has(route)) this.duration.observe({ method, route }, seconds);
  }
}
