import { asset } from "../../lib/assets.ts";
import type { HostCall, HostUnit } from "../../../config/host/index.ts";
import { fill } from "../../lib/fill.ts";

/** Something that the server does by itself at set times. */
export interface Job {
  /** Of the timer and its service, without an ending. */
  name: string;
  description: string;
  /** What the host tools do then, without an input. */
  call: HostCall;
  /** Times of day, `HH:MM`. */
  at: string[];
  /** Seconds by which it may be late, by chance. */
  delay: number;
  /** Seconds that it may take. */
  timeout: number;
}

/** The job as a unit of `files`; it makes up for a time at which the server was off. */
export function job({ name, description, call, at, delay, timeout }: Job): HostUnit {
  const times = at.map((time) => `OnCalendar=*-*-* ${time}:00`).join("\n");
  return {
    name: `${name}.timer`,
    service: fill(asset("host/units/job.service"), { description, call, timeout }),
    timer: fill(asset("host/units/job.timer"), { description, times, delay }),
    enabled: true,
    running: true,
  };
}
