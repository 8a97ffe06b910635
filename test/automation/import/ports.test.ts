import assert from "node:assert/strict";
import type { Conversion } from "../../../automation/import/convert.ts";
import type { Outcome } from "../../../automation/import/notes.ts";
import { at, importedFrom } from "./support.ts";

/** An application that answers HTTP on 80, and has these ports beside it. */
const beside = (...ports: unknown[]): Conversion =>
  importedFrom({ services: { app: { image: "me/app:1", command: "serve", ports: ["8080:80", ...ports] } } });

const opened = ({ settings }: Conversion, app = "app"): unknown => at(settings, `apps.${app}.ports`);

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** A row of a service's ports, the setting that it becomes, what the report says of it and by which words. */
const ROWS: readonly (readonly [row: unknown, becomes: unknown, outcome: Outcome, text: RegExp])[] = [
  ["1883:1883", [1883], "taken", /open to everybody/],
  ["2525:25", ["2525:25"], "taken", /open to everybody/],
  ["0.0.0.0:53:53/udp", ["53/udp"], "taken", /open to everybody/],
  ["[::]:5353:53/udp", ["5353:53/udp"], "taken", /open to everybody/],
  ["5000-5002:5000-5002", range(5000, 5002), "taken", /open to everybody/],
  ["6000-6001:7000-7001/udp", ["6000:7000/udp", "6001:7001/udp"], "taken", /open to everybody/],
  ["9000:9000", [9000], "different", /Where it speaks HTTP/],
  ["127.0.0.1:1883:1883", undefined, "different", /on the machine itself only/],
  ["[::1]:53:53/udp", undefined, "different", /on the machine itself only/],
  ["192.0.2.7:25:25", undefined, "not", /at one address/],
  ["1883", undefined, "not", /Any free port/],
  ["22:22", undefined, "not", /belongs to SSH/],
  ["443:443", undefined, "different", /The edge answers there/],
  ["443:443/udp", undefined, "different", /The edge answers there/],
  ["10000-10100:10000-10100/udp", undefined, "not", /101 ports is more than 100/],
  [{ target: 53, published: "53", protocol: "udp" }, ["53/udp"], "taken", /open to everybody/],
  [{ target: 9000, published: 9001, app_protocol: "mqtt" }, ["9001:9000"], "taken", /open to everybody/],
  [{ target: 1883, published: 1883, app_protocol: "http" }, [1883], "different", /Where it speaks HTTP/],
  [{ target: 25, published: "25", host_ip: "127.0.0.1" }, undefined, "different", /itself only/],
];

describe("an import of ports", () => {
  for (const [row, becomes, outcome, text] of ROWS)
    it(`makes of ${JSON.stringify(row)} ${JSON.stringify(becomes ?? "nothing")}`, () => {
      const found = beside(row);
      assert.equal(at(found.settings, "apps.app.port"), 80);
      assert.deepEqual(opened(found), becomes);
      assert.ok(
        found.notes.some(
          (note) =>
            note.service === "app" &&
            note.key.startsWith("ports: ") &&
            note.outcome === outcome &&
            text.test(note.text),
        ),
        "the report says it",
      );
      assert.deepEqual(found.lacking, [], "the program takes it");
    });

  it("opens a port that stands there twice once", () =>
    assert.deepEqual(opened(beside("25:25", "25:25/tcp", "53:53", "53:53/udp")), [25, 53, "53/udp"]));

  it("runs what has a UDP port once, also during a release", () => {
    const dns = { image: "me/dns:1", ports: ["53:53/udp"], deploy: { replicas: 2 } };
    const { settings, notes, lacking } = importedFrom({ services: { dns } });
    assert.equal(at(settings, "apps.dns.exclusive"), true);
    assert.equal(at(settings, "apps.dns.replicas"), undefined);
    for (const key of ["ports", "replicas"])
      assert.ok(
        notes.some((note) => note.key === key && /\bUDP port/.test(note.text)),
        key,
      );
    assert.deepEqual(lacking, []);
    assert.equal(at(beside("25:25").settings, "apps.app.exclusive"), undefined);
  });

  it("takes no port of a known protocol, and none of a range, for HTTP", () => {
    const services = {
      broker: { image: "mosquitto:2", ports: ["1883:1883", "9001:9001"] },
      mail: { image: "me/mail:1", ports: ["25:25", "587:587"] },
      files: { image: "me/ftp:1", ports: ["30000-30002:30000-30002", "21:21"] },
    };
    const { settings, lacking } = importedFrom({ services });
    assert.deepEqual(
      [at(settings, "apps.broker.port"), opened({ settings } as Conversion, "broker")],
      [9001, [1883]],
    );
    for (const [app, ports] of [
      ["mail", [25, 587]],
      ["files", [30000, 30001, 30002, 21]],
    ] as const) {
      assert.equal(at(settings, `apps.${app}.port`), undefined);
      assert.deepEqual(at(settings, `apps.${app}.ports`), ports);
    }
    assert.deepEqual(lacking, []);
  });

  it("makes an application of a service with ports beside another of its image", () => {
    const image = "me/app:1";
    const services = {
      app: { image, ports: ["80"] },
      mqtt: { image, command: "mqtt", ports: ["1883:1883"] },
      work: { image, command: "work", ports: ["127.0.0.1:5555:25"] },
    };
    const { settings, notes, lacking } = importedFrom({ services });
    assert.deepEqual(at(settings, "apps.mqtt.ports"), [1883]);
    assert.deepEqual(Object.keys(at(settings, "apps.app.processes") as object), ["work"]);
    assert.ok(notes.some(({ service, text }) => service === "mqtt" && /application of its own/.test(text)));
    assert.deepEqual(lacking, []);
  });

  it("keeps the image's own command of a service with ports", () => {
    const image = "me/mail:1";
    const services = { mail: { image, ports: ["25:25"] }, queue: { image, command: "queue" } };
    const { settings, lacking } = importedFrom({ services });
    assert.deepEqual(Object.keys(settings.apps as object), ["mail", "queue"]);
    assert.deepEqual(lacking, []);
  });

  it("keeps what other services call it by, and that they wait for it", () => {
    const services = {
      mqtt_broker: { image: "mosquitto:2", ports: ["8883:1883"], container_name: "queue" },
      dns: { image: "me/dns:1", ports: ["53:53/udp"] },
      app: {
        image: "me/app:1",
        ports: ["80"],
        depends_on: ["mqtt_broker", "dns"],
        environment: { MQTT_URL: "mqtt://mqtt_broker:1883", MQTT_HOST: "queue" },
      },
    };
    const { settings, lacking } = importedFrom({ services });
    assert.deepEqual(at(settings, "apps.app.needs"), ["mqtt-broker"]);
    assert.deepEqual(at(settings, "apps.app.environment"), {
      MQTT_URL: "mqtt://mqtt-broker:1883",
      MQTT_HOST: "mqtt-broker",
    });
    assert.deepEqual(lacking, []);
  });
});
