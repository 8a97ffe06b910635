import { ownerOf } from "../../config/check/ports.ts";
import type { AppPort } from "../../config/schema/app/ports.ts";
import type { Json } from "./compose/json.ts";
import type { Port, Service } from "./compose/service.ts";
import type { Notes, Outcome } from "./notes.ts";
import { httpPort, maySpeakHttp } from "./ports.ts";

/** The most ports that one row may have: each is a rule of the firewall and a part of the switch. */
const MOST = 100;

/** What becomes of a port; `taken` and `different` without a port of the server say why it has none. */
interface Fate {
  isOpen: boolean;
  outcome: Outcome;
  text: string;
}

const closed = (outcome: Outcome, text: string): Fate => ({ isOpen: false, outcome, text });

/** Ports of the server that a service gets, in the order of its file. */
export function openPorts(service: Service): Port[] {
  return others(service).filter((port) => fateOf(port).isOpen);
}

/** The same as the stack file spells them, and every port in the report. */
export function portsOf(service: Service, notes: Notes): Json[] {
  for (const port of others(service)) {
    const { outcome, text } = fateOf(port);
    notes.add(service.name, `ports: ${port.row}`, outcome, text);
  }
  return [...new Set(openPorts(service).map(spelled))];
}

/** Whether the container itself has a port of the server, as it is with UDP. */
export const hasUdp = (service: Service): boolean =>
  openPorts(service).some(({ protocol }) => protocol === "udp");

/** Those that the edge doesn't answer for. */
function others(service: Service): Port[] {
  const http = httpPort(service);
  return service.ports.filter(({ target, protocol }) => target !== http || protocol !== "tcp");
}

function fateOf(port: Port): Fate {
  const { published, protocol, host = "", count } = port;
  if (protocol !== "tcp" && protocol !== "udp")
    return closed("not", `The firewall opens TCP and UDP; ${protocol} has no setting.`);
  if (/^(127\.|::1$|localhost$)/.test(host))
    return closed("different", "It was open on the machine itself only, and isn't opened on the server.");
  if (!/^(|0\.0\.0\.0|::)$/.test(host))
    return closed(
      "not",
      "It was open at one address of the machine, and ports of the stack are at all of them. Write it under ports, with `allow` for those who may connect.",
    );
  if (published === undefined)
    return closed("not", "Any free port of the machine was opened for it. Name one under ports.");
  if (count > MOST)
    return closed(
      "not",
      `A row of ${count} ports is more than ${MOST}. Write those that are needed under ports.`,
    );
  const owner = ownerOf(published, protocol as AppPort["protocol"], SSH);
  if (owner === "belongs to the edge")
    return closed(
      "different",
      "The edge answers there, with TLS, for what the application says at its port.",
    );
  if (owner !== undefined) return closed("not", `On the server it ${owner}. Write another one under ports.`);
  if (maySpeakHttp(port))
    return {
      isOpen: true,
      outcome: "different",
      text: "It is a TCP port, under ports. Where it speaks HTTP, as a page for administrators does, take it out: nothing encrypts it, and it is open to everybody.",
    };
  return {
    isOpen: true,
    outcome: "taken",
    text: "As one of ports: open to everybody, unless `allow` says who may connect.",
  };
}

/** Where SSH listens on the new server. */
const SSH = 22;

/** Compose's short form, as short as it can be. */
function spelled({ target, published, protocol }: Port): Json {
  const pair = published === target ? String(target) : `${published}:${target}`;
  if (protocol === "udp") return `${pair}/udp`;
  return published === target ? target : pair;
}
