import { watchRelease } from "./api.ts";
import { showCounter } from "./counter.ts";
import { byId } from "./dom.ts";
import { followEvents } from "./events.ts";
import { watchHealth } from "./health.ts";
import { showItems } from "./items.ts";
import { keepSocket } from "./socket.ts";

function showRelease(release: string): void {
  const chip = byId("api-release");
  if (chip.textContent === release) return;
  chip.textContent = release;
  chip.title = release;
}

watchRelease(showRelease);
watchHealth();
showCounter();
showItems();
keepSocket();
followEvents(showRelease);
