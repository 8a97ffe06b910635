import { duration } from "./duration.ts";
import type { Severity } from "../../config/schema/objectives.ts";

/** An alert: when it fires, and what a person reads then. */
export interface Alert {
  /** Its name, and that of its runbook. */
  alert: string;
  expr: string;
  /** Seconds for which the expression must hold; at once when absent. */
  for?: number;
  severity: Severity | "none";
  labels?: Record<string, string>;
  /** What is wrong, in a few words. */
  summary: string;
  /** With the figure, and what that means. */
  description: string;
}

/** A figure that Prometheus works out and keeps. */
export interface Recorded {
  record: string;
  expr: string;
  labels?: Record<string, string>;
}

/** Rules that are evaluated together, one after the other. */
export interface RuleGroup {
  name: string;
  /** Seconds; as often as the others when absent. */
  interval?: number;
  rules: (Alert | Recorded)[];
}

/** A rule over one application that has no figures may miss it, so each is asked for by its name. */
export const of = (app: string): string => `{app="${app}"}`;

export const isAlert = (rule: Alert | Recorded): rule is Alert => "alert" in rule;

/** Where the runbook of an alert is. */
export function runbook(alert: string, base: string | undefined): string {
  return base === undefined ? `docs/runbooks/${alert}.md` : `${base.replace(/\/$/, "")}/${alert}`;
}

/** A rule as Prometheus reads it. */
export function asRule(rule: Alert | Recorded, runbooks: string | undefined): object {
  if (!isAlert(rule)) return rule;
  const { alert, expr, for: lasting, severity, labels, summary, description } = rule;
  return {
    alert,
    expr,
    ...(lasting === undefined ? {} : { for: duration(lasting) }),
    labels: { severity, ...labels },
    annotations: { summary, description, runbook_url: runbook(alert, runbooks) },
  };
}
