import assert from "node:assert/strict";
import fc from "fast-check";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { clientAddress } from "../../examples/apps/common/client.ts";
import { failing, parseFault } from "../../examples/apps/common/fault.ts";
import { HIDDEN, scrubber } from "../../examples/apps/common/scrub.ts";

describe("example applications: scrubbing of secrets", () => {
  it("leaves no secret in any line, in any form in which a log may show it", () => {
    // Starts with a character that stands nowhere else in the line: what is found is the secret.
    const secret = fc.string({ minLength: 3, unit: "grapheme-ascii" }).map((text) => `§${text}`);
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.string(), (secrets, text) => {
        const line = JSON.stringify({ text, secrets, encoded: secrets.map(encodeURIComponent) });
        const clean = scrubber(secrets)(line);
        const forms = secrets.flatMap((each) => [
          each,
          JSON.stringify(each).slice(1, -1),
          encodeURIComponent(each),
        ]);
        for (const form of forms) assert.ok(!clean.includes(form), clean);
      }),
    );
  });

  it("hides a whole URL before the password in it, and user and password of unknown URLs", () => {
    const scrub = scrubber(["pass-word", "postgres://app:pass-word@db/x"]);
    assert.equal(scrub("to postgres://app:pass-word@db/x"), `to ${HIDDEN}`);
    assert.equal(scrub("to redis://u:other@cache:6379/0"), `to redis://${HIDDEN}@cache:6379/0`);
    assert.equal(scrub('{"url":"https://example.org/a@b"}'), '{"url":"https://example.org/a@b"}');
  });

  it("leaves lines alone when there is nothing to hide", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const plain = text.replaceAll("@", "");
        assert.equal(scrubber([])(plain), plain);
      }),
    );
  });
});

describe("example applications: the client's address", () => {
  /** The address of a request from this peer with this `X-Forwarded-For`. */
  function addressOf(peer: string, forwarded?: string): string {
    const socket = new Socket();
    Object.defineProperty(socket, "remoteAddress", { value: peer });
    const req = new IncomingMessage(socket);
    if (forwarded !== undefined) req.headers["x-forwarded-for"] = forwarded;
    return clientAddress(req);
  }

  const table: [peer: string, forwarded: string | undefined, expected: string][] = [
    ["203.0.113.5", undefined, "203.0.113.5"],
    ["203.0.113.5", "198.51.100.1", "203.0.113.5"], // A stranger's header is not believed.
    ["::ffff:172.18.0.3", "198.51.100.1", "198.51.100.1"],
    ["172.18.0.3", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"], // The client wrote the first one itself.
    ["127.0.0.1", "192.168.1.7, 172.18.0.1", "192.168.1.7"],
    ["fd00::3", "2001:db8::7", "2001:db8::7"],
    ["10.0.0.1", "unknown, <script>", "10.0.0.1"],
    ["10.0.0.1", "", "10.0.0.1"],
    ["", "198.51.100.1", "198.51.100.1"], // A Unix socket has no address.
  ];
  for (const [peer, forwarded, expected] of table) {
    it(`is ${expected} for peer "${peer}" with ${forwarded ?? "no header"}`, () => {
      assert.equal(addressOf(peer, forwarded), expected);
    });
  }
});

describe("example applications: faults", () => {
  it("fails exactly the asked percent of any 100 requests in a row", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 500 }), (percent, skipped) => {
        const fails = failing(percent);
        for (let i = 0; i < skipped; i += 1) fails();
        assert.equal(Array.from({ length: 100 }, fails).filter(Boolean).length, percent);
      }),
    );
  });

  it("parses single and combined faults", () => {
    assert.deepEqual(parseFault(""), {});
    assert.deepEqual(parseFault("unhealthy,deep,errors:5,slow:20,crash"), {
      unhealthy: true,
      deep: true,
      errors: 5,
      slow: 20,
      crash: true,
    });
    for (const bad of [
      "x",
      "errors",
      "errors:0",
      "errors:101",
      "slow",
      "slow:60001",
      "deep:1",
      "unhealthy deep",
    ]) {
      assert.equal(typeof parseFault(bad), "string", bad);
    }
  });
});
