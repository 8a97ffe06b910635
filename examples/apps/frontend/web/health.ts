import { ApiError, ask } from "./api.ts";
import { byId, showState } from "./dom.ts";

const EVERY_MS = 20_000;
const EVERY_MS_WHEN_BAD = 5000;

interface Health {
  status: string;
  checks?: { database: boolean; redis: boolean };
}

/** Asks for the deep health now and from time to time; a hidden tab asks nothing. */
export function watchHealth(): void {
  let timer = 0;
  const look = async () => {
    clearTimeout(timer);
    const fine = document.hidden || (await check());
    timer = window.setTimeout(() => void look(), fine ? EVERY_MS : EVERY_MS_WHEN_BAD);
  };
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void look();
  });
  void look();
}

async function check(): Promise<boolean> {
  try {
    const { body, ms } = await ask<Health>("GET", "/health/deep");
    const { database = false, redis = false } = body.checks ?? {};
    showState("api", "ok", `${Math.round(ms)} ms`);
    showState("database", database ? "ok" : "bad", database ? "up" : "down");
    showState("redis", redis ? "ok" : "bad", redis ? "up" : "down");
    const fine = body.status === "ok";
    verdict(fine, fine ? "Everything is running" : `The stack is ${body.status}`);
    return fine;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    showState("api", "bad", "down");
    showState("database", "wait", "unknown");
    showState("redis", "wait", "unknown");
    verdict(false, error.message.replace(/\.$/, ""));
    return false;
  }
}

function verdict(fine: boolean, text: string): void {
  byId("beacon").dataset.state = fine ? "ok" : "bad";
  byId("checked").textContent = `Checked at ${new Date().toLocaleTimeString()}`;
  const title = byId("verdict");
  // A screen reader speaks at each change of the text: only change it when it differs.
  if (title.textContent !== text) title.textContent = text;
}
