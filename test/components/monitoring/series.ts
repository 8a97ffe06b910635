/** Seconds between two values of a series in the tests of rules. */
export const STEP = 30;

/** A series as promtool reads it. */
export interface Series {
  series: string;
  values: string;
}

/** How many steps each phase of a test takes: it is well, it is not, it is well again. */
export type Phases = readonly [number, number, number];

/** A figure with a value in each phase, the last the first again unless it is said; `_` has none. */
export function gauge(
  series: string,
  phases: Phases,
  well: number | string,
  bad: number | string,
  after = well,
): Series {
  const values = [well, bad, after].flatMap((value, index) =>
    Array.from({ length: phases[index]! }, () => value),
  );
  return { series, values: values.join(" ") };
}

/** A counter with a growth a second in each phase. */
export function counter(
  series: string,
  phases: Phases,
  well: number,
  bad: number,
  after = well,
  step = STEP,
): Series {
  let total = 0;
  const values = [well, bad, after].flatMap((rate, index) =>
    Array.from({ length: phases[index]! }, () => (total += rate * step)),
  );
  return { series, values: values.map((value) => Number(value.toFixed(6))).join(" ") };
}

/** The age of something, as a moment that lies {seconds} back or ahead, or stands still. */
export function moments(
  series: string,
  phases: Phases,
  of: readonly [Moment, Moment, Moment],
  step = STEP,
): Series {
  let now = -step;
  const values = of.flatMap((moment, index) =>
    Array.from({ length: phases[index]! }, () => {
      now += step;
      return moment(now);
    }),
  );
  return { series, values: values.join(" ") };
}

type Moment = (now: number) => number;
