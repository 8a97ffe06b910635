import { byId, make } from "./dom.ts";

const BARS = 60;
const COLOURS = 6;

/** The last minute as a row of bars: one for each second with an event, a gap for each without. */
export class Ribbon {
  private readonly element = byId("ribbon");
  private readonly legend = byId("legend");
  private readonly releases: string[] = [];
  private readonly bars: string[] = [];

  constructor() {
    for (let i = 0; i < BARS; i += 1) this.element.append(make("i", ""));
  }

  /** @param release who sent the event of this second; none when there was no event */
  push(release?: string): void {
    if (release && !this.releases.includes(release)) this.releases.push(release);
    this.bars.push(release ?? "");
    if (this.bars.length > BARS) this.bars.shift();
    this.element.append(make("i", release ? this.colour(release) : "gap"));
    this.element.firstElementChild?.remove();
    this.explain();
  }

  private colour(release: string): string {
    return `hue${this.releases.indexOf(release) % COLOURS}`;
  }

  private explain(): void {
    const parts = this.releases.flatMap((release) => {
      const count = this.bars.filter((bar) => bar === release).length;
      return count ? [key(this.colour(release), release, count)] : [];
    });
    const gaps = this.bars.filter((bar) => !bar).length;
    if (gaps) parts.push(key("gap", "no event", gaps));
    this.legend.replaceChildren(...parts);
  }
}

function key(colour: string, name: string, seconds: number): HTMLElement {
  const element = make("span", `key ${colour}`);
  element.title = name;
  element.append(make("span", "", name), ` ${seconds} s`);
  return element;
}
