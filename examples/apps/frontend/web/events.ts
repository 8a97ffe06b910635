import { urlOf } from "./api.ts";
import { Backoff } from "./backoff.ts";
import { Ribbon } from "./ribbon.ts";

/** A second, plus what a busy network may add, without an event: that is a gap. */
const LATE_MS = 1900;

interface Tick {
  id: number;
  release: string;
}

/** Follows the stream of events, also over the change of a release. */
export function followEvents(onRelease: (release: string) => void): void {
  const ribbon = new Ribbon();
  const backoff = new Backoff();
  let lastId = 0;
  let late = 0;

  const expectNext = (ms: number) => {
    clearTimeout(late);
    late = window.setTimeout(() => {
      if (lastId) ribbon.push();
      expectNext(1000);
    }, ms);
  };
  const open = () => {
    const source = new EventSource(`${urlOf("/events")}?lastEventId=${lastId}`);
    source.addEventListener("tick", ({ data }) => {
      const tick = JSON.parse(String(data)) as Tick;
      backoff.reset();
      lastId = tick.id;
      ribbon.push(tick.release);
      onRelease(tick.release);
      expectNext(LATE_MS);
    });
    source.addEventListener("error", () => {
      // The browser comes back by itself unless the answer was no stream at all, such as a 429 or a 503.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, backoff.next());
    });
  };
  open();
  expectNext(LATE_MS);
}
