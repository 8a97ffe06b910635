/** A schedule that can't be followed; the message says what was found, what it would mean, and what to write instead. */
export class ScheduleError extends Error {}
