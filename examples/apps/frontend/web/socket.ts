import { Backoff } from "./backoff.ts";
import { byId, showState } from "./dom.ts";

type Message = { type: "hello"; release: string } | { type: "visitors"; visitors: number } | { type: "echo" };

/** Keeps a WebSocket open and shows its state and how many visitors the server counts. */
export function keepSocket(): void {
  const { ws = "/ws/" } = document.body.dataset;
  const url = new URL(ws, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const backoff = new Backoff();

  const open = () => {
    const socket = new WebSocket(url);
    socket.addEventListener("open", () => {
      backoff.reset();
      showState("socket", "ok", "open");
    });
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(String(data)) as Message;
      if (message.type === "visitors") showVisitors(message.visitors);
    });
    socket.addEventListener("close", () => {
      showState("socket", "bad", "closed");
      byId("visitors").textContent = "";
      setTimeout(open, backoff.next());
    });
  };
  open();
}

function showVisitors(visitors: number): void {
  byId("visitors").textContent = visitors === 1 ? "only you are here" : `${visitors} visitors here`;
}
