/** What a value is counted in. */
export type Unit =
  | "count"
  /** A second. */
  | "rate"
  | "seconds"
  | "bytes"
  | "byteRate"
  /** Of 1. */
  | "share";

/** From a value on, up to the next threshold. */
export interface Threshold {
  from: number;
  colour: "green" | "yellow" | "red";
}

export interface Query {
  /** PromQL. */
  expr: string;
  /** Of each series, with the values of labels in double braces. */
  legend: string;
}

/** One question with its picture; plain data, so that any renderer can draw it. */
export interface Panel {
  /** Unique in its dashboard. */
  id: string;
  title: string;
  /** What it means, and what to do when it looks wrong. */
  description: string;
  /** `line` over time, `area` stacked on each other; `stat` is the present value, `table` all present values. */
  kind: "line" | "area" | "stat" | "table";
  unit: Unit;
  queries: readonly Query[];
  /** In rising order; the first begins the scale. None: neither good nor bad. */
  thresholds: readonly Threshold[];
  /** Of the 24 columns. */
  width: number;
  /** End of the scale, where it has one by nature. */
  max?: number;
  /** Whether values below zero mean something. */
  signed?: boolean;
}

/** Panels under a heading. */
export interface Section {
  title: string;
  panels: readonly Panel[];
}

/** Moments that are marked in every picture. */
export interface Annotations {
  title: string;
  /** PromQL: each value is a moment, in seconds since 1970. */
  expr: string;
  legend: string;
}

export interface Dashboard {
  /** Also the name of its page. */
  uid: string;
  title: string;
  description: string;
  tags: readonly string[];
  /** Seconds that are shown. */
  range: number;
  /** Seconds between two looks. */
  refresh: number;
  sections: readonly Section[];
  annotations?: Annotations;
}

/** The stack that dashboards are about. */
export interface Watched {
  /** Its name. */
  name: string;
  /** Value of the label `environment` (M2). */
  environment: string;
  /** Applications with traffic, by name. */
  apps: readonly string[];
  database: boolean;
  cache: boolean;
}

export const query = (expr: string, legend: string): Query => ({ expr, legend });

/** A third of the width, without thresholds. */
const PLAIN = { thresholds: [], width: 8 } as const;

type Given = Pick<Panel, "title" | "description" | "unit" | "queries"> & Partial<Panel>;

export const line = (id: string, given: Given): Panel => ({ ...PLAIN, kind: "line", ...given, id });
export const area = (id: string, given: Given): Panel => ({ ...PLAIN, kind: "area", ...given, id });
export const stat = (id: string, given: Given): Panel => ({
  ...PLAIN,
  width: 4,
  kind: "stat",
  ...given,
  id,
});
export const table = (id: string, given: Given): Panel => ({
  ...PLAIN,
  width: 12,
  kind: "table",
  ...given,
  id,
});

/** Good up to the first value, worth a look from there, bad from the second. */
export const rising = (yellow: number, red: number): Threshold[] => [
  { from: 0, colour: "green" },
  { from: yellow, colour: "yellow" },
  { from: red, colour: "red" },
];

/** Bad up to the first value, worth a look up to the second, good from there. */
export const falling = (red: number, yellow: number): Threshold[] => [
  { from: 0, colour: "red" },
  { from: red, colour: "yellow" },
  { from: yellow, colour: "green" },
];

/** 1 is good, 0 is bad. */
export const YES: readonly Threshold[] = [
  { from: 0, colour: "red" },
  { from: 1, colour: "green" },
];

/** 0 is good, everything else bad. */
export const NONE: readonly Threshold[] = [
  { from: 0, colour: "green" },
  { from: 1, colour: "red" },
];
