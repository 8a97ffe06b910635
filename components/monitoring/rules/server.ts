import { NODE, SERVER } from "../../../config/metrics.ts";
import type { Thresholds } from "../../../config/schema/objectives.ts";
import type { Alert, RuleGroup } from "../rule.ts";
import type { Watched } from "../watched.ts";

const FREE = `${NODE.diskFree} / ${NODE.diskSize}`;

/** A trend of less than this says nothing: just after an update the disk fills by what was pulled. */
const ENOUGH = "3h";

/** Alerts about the server itself. */
export function serverAlerts({ monitoring: { thresholds } }: Watched): RuleGroup {
  return { name: "server", rules: [...disk(thresholds), ...load(thresholds), rebootWaiting()] };
}

function disk({ disk: bound }: Thresholds): Alert[] {
  return [
    {
      alert: "DiskSpaceLow",
      expr: `1 - ${FREE} > ${bound.above}`,
      for: bound.for,
      severity: bound.severity,
      summary: "the disk is almost full",
      description: `{{ $value | humanizePercentage }} of {{ $labels.mountpoint }} is used; the threshold is ${bound.above * 100}%.`,
    },
    {
      alert: "DiskFullSoon",
      // A disk that is half empty fills by what will be removed again, such as images.
      expr: `predict_linear(${NODE.diskFree}[6h], 86400) < 0 and ${FREE} < 0.5 and ${NODE.diskFree} offset ${ENOUGH}`,
      for: 1800,
      severity: "warning",
      summary: "the disk will be full within a day",
      description:
        "If {{ $labels.mountpoint }} goes on to fill as in the last 6 hours, {{ $value | humanize1024 }}B are free in 24 hours.",
    },
    {
      alert: "InodesLow",
      expr: `${NODE.inodesFree} / (${NODE.inodes} > 0) < 0.1`,
      for: 300,
      severity: "warning",
      summary: "the disk has almost no room for further files",
      description: "{{ $value | humanizePercentage }} of the inodes of {{ $labels.mountpoint }} are free.",
    },
    {
      alert: "FolderGrowing",
      expr: `(deriv(${SERVER.folder}[6h]) and ${SERVER.folder} offset ${ENOUGH}) * 86400 > on () group_left () 0.1 * max(${NODE.diskSize}{mountpoint="/"})`,
      for: 3600,
      severity: "warning",
      summary: "{{ $labels.folder }} grows fast",
      description:
        "The folder of {{ $labels.folder }} grows by {{ $value | humanize1024 }}B a day, more than a tenth of the disk.",
    },
  ];
}

function load({ memory, cpu }: Thresholds): Alert[] {
  return [
    {
      alert: "HighMemoryUsage",
      expr: `1 - ${NODE.memoryAvailable} / ${NODE.memoryTotal} > ${memory.above}`,
      for: memory.for,
      severity: memory.severity,
      summary: "the server's memory is almost full",
      description: `{{ $value | humanizePercentage }} of the server's memory is used; the threshold is ${memory.above * 100}%.`,
    },
    {
      alert: "HighCPUUsage",
      expr: `1 - avg(rate(${NODE.cpu}{mode="idle"}[5m])) > ${cpu.above}`,
      for: cpu.for,
      severity: cpu.severity,
      summary: "the server's processors are busy",
      description: `The processors were busy for {{ $value | humanizePercentage }} of the last 5 minutes; the threshold is ${cpu.above * 100}%.`,
    },
  ];
}

function rebootWaiting(): Alert {
  return {
    alert: "RebootWaiting",
    expr: `${SERVER.rebootWaiting} == 1`,
    for: 43_200,
    severity: "warning",
    summary: "the server waits for a restart",
    description:
      "Updates of the system take effect with a restart, which has been due for 12 hours ({{ $value | humanize }} means yes).",
  };
}
