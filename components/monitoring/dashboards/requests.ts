import { APP_METRICS, HAPROXY, RECORDED } from "../../../config/metrics.ts";
import { line, query, rising, stat, type Panel } from "./panel.ts";

/** Live visitors (M25). */
export const visitors = (width = 4): Panel =>
  stat("visitors", {
    title: "Live visitors",
    description: "Visitors with an open connection, as the applications count them.",
    unit: "count",
    queries: [query(`sum(${APP_METRICS.visitors})`, "visitors")],
    thresholds: [
      { from: 0, colour: "green" },
      { from: 10, colour: "yellow" },
      { from: 50, colour: "red" },
    ],
    width,
  });

/** Requests a second of each application (M25, M26, M29). */
export const requestRate = (): Panel =>
  line("request-rate", {
    title: "Requests",
    description: "Requests a second that reached the traffic switch, by application.",
    unit: "rate",
    queries: [query(RECORDED.requests, "{{app}}")],
  });

/** Requests a second by method and status, as applications count them (M28). */
export const requestsByStatus = (): Panel =>
  line("request-rate-by-status", {
    title: "Requests by method and status",
    description: "Requests a second as the applications count them themselves.",
    unit: "rate",
    queries: [query(`sum by (method, status) (rate(${APP_METRICS.requests}[5m]))`, "{{method}} {{status}}")],
    width: 12,
  });

/** P95 of each application beside its objective (M25, M28). */
export const responseTime = (): Panel =>
  line("response-time", {
    title: "Response time, P95",
    description: "95 of 100 requests were answered within this time, over five minutes; and the objective.",
    unit: "seconds",
    queries: [
      query(RECORDED.p95, "{{app}}"),
      query(`max by (app) (${RECORDED.latencyObjective}) and on (app) ${RECORDED.p95}`, "{{app}} objective"),
    ],
  });

/** P50, P95 and P99 of each application (M29). */
export const latency = (): Panel =>
  line("latency", {
    title: "Response time, P50, P95 and P99",
    description: "So many of 100 requests were answered within this time, over five minutes.",
    unit: "seconds",
    queries: [
      query(RECORDED.p50, "{{app}} P50"),
      query(RECORDED.p95, "{{app}} P95"),
      query(RECORDED.p99, "{{app}} P99"),
    ],
    width: 12,
  });

/** Answers with 5xx (M25, M26, M29). */
export const errors = (): Panel =>
  line("errors", {
    title: "Errors (5xx)",
    description: "Answers a second with 5xx, those of the traffic switch itself among them.",
    unit: "rate",
    queries: [query(RECORDED.errors, "{{app}}")],
  });

/** Answers by class of status, by application. */
export const responsesByClass = (): Panel =>
  line("responses-by-class", {
    title: "Answers by class",
    description: "Answers a second by the first digit of their status, over all applications.",
    unit: "rate",
    queries: [query(`sum by (code) (rate(${HAPROXY.backendResponses}{app!=""}[5m]))`, "{{code}}")],
  });

/** Whether each application can serve. */
export const appsUp = (): Panel =>
  stat("apps-up", {
    title: "Applications up",
    description: "Share of the applications with at least one healthy server at the traffic switch.",
    unit: "share",
    queries: [query(`avg(${RECORDED.up})`, "up")],
    thresholds: [
      { from: 0, colour: "red" },
      { from: 1, colour: "green" },
    ],
  });

/** Errors in the last five minutes, as a share. */
export const errorShare = (): Panel =>
  stat("error-share", {
    title: "Errors now",
    description: "Share of all requests of the last five minutes that failed.",
    unit: "share",
    queries: [query(`sum(${RECORDED.errors}) / (sum(${RECORDED.requests}) > 0) or vector(0)`, "errors")],
    thresholds: rising(0.01, 0.05),
  });
