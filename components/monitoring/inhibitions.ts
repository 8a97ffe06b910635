/** An alert that says why others fire: while it does, nobody is told of them. */
interface Cause {
  cause: string;
  effects: string[];
  /** Labels that both must share. */
  equal: string[];
}

/** Everything that an application's visitors notice. */
const SYMPTOMS = ["HighErrorRate", "HighResponseTime", "ErrorBudgetBurn", "LatencyBudgetBurn"];

const CAUSES: readonly Cause[] = [
  // Nothing is reached: what fails behind it follows.
  { cause: "EdgeDown", effects: ["SiteDown", "TlsFailing", ...SYMPTOMS], equal: ["cluster"] },
  {
    cause: "SwitchDown",
    effects: ["SiteDown", "BackendDown", "TargetMissing", ...SYMPTOMS],
    equal: ["cluster"],
  },
  { cause: "BackendDown", effects: SYMPTOMS, equal: ["cluster", "app"] },
  {
    cause: "BackendDown",
    effects: ["TargetMissing", "ContainerUnhealthy", "ContainerRestarting"],
    equal: ["cluster", "app"],
  },
  { cause: "TooManySeries", effects: ["TargetMissing"], equal: ["cluster", "app"] },
  { cause: "PostgresDown", effects: ["DatabaseConnectionsHigh"], equal: ["cluster"] },
  { cause: "FiguresStale", effects: ["JobOverdue", "TimerOverdue"], equal: ["cluster"] },
];

/** inhibit_rules of Alertmanager; last, the critical one of two alerts about the same silences the other. */
export const INHIBITIONS: readonly object[] = [
  ...CAUSES.map(({ cause, effects, equal }) => ({
    source_matchers: [`alertname = "${cause}"`],
    target_matchers: [`alertname =~ "${effects.join("|")}"`],
    equal,
  })),
  {
    source_matchers: ['severity = "critical"'],
    target_matchers: ['severity = "warning"'],
    equal: ["cluster", "alertname", "app", "instance", "container"],
  },
];
