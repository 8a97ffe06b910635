import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { connect as connectH2 } from "node:http2";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import { fixedLookup } from "../../automation/lib/probe.ts";
import type { StackConfig } from "../../config/schema/index.ts";
import { parsed } from "../support/settings.ts";
import { HIGH } from "./edge-application.ts";
import { edgeSite } from "./edge-site.ts";

const image = "ghcr.io/me/rpc:1.0.0";
const PASSWORD = "pw";

/** A page, and a server that speaks nothing but gRPC: on the domain, and on a subdomain with a password. */
function config(): StackConfig {
  return parsed({
    apps: {
      web: { image, port: 3000, routes: [{ path: "/" }, { path: "/health" }] },
      rpc: {
        image,
        port: 50051,
        health: { path: "/grpc.health.v1.Health/Check", command: ["/grpc_health_probe", "-addr=:50051"] },
        routes: [
          { path: "/test.Echo/", grpc: true },
          { path: "/test.Slow/", grpc: true, timeout: "10 s" },
        ],
      },
    },
    images: "debian",
    edge: {
      limits: HIGH,
      proxyTimeout: "1 s",
      subdomains: {
        rpc: { auth: { users: { ann: "ANN_PASSWORD" } }, routes: [{ app: "rpc", grpc: true }] },
      },
    },
  }).config;
}

const same = (bytes: Buffer): Buffer => bytes;
const method = (path: string, requestStream: boolean, responseStream: boolean) => ({
  path,
  requestStream,
  responseStream,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});

type Call = grpc.ServerUnaryCall<Buffer, Buffer>;
type Done = grpc.sendUnaryData<Buffer>;

/** What it was sent comes back: one, several or as they come; and what the server knows of the caller. */
const ECHO = {
  one: (call: Call, done: Done) => {
    const trailer = new grpc.Metadata();
    trailer.set("x-after", "the end");
    done(null, call.request, trailer);
  },
  caller: (call: Call, done: Done) => {
    done(null, Buffer.from(JSON.stringify({ ...call.metadata.getMap(), host: call.getHost() })));
  },
  fail: (_call: Call, done: Done) => done({ code: grpc.status.NOT_FOUND, details: "no such thing" }),
  both: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => {
    call.on("data", (part: Buffer) => call.write(part)).on("end", () => call.end());
  },
};
const silent = (_call: Call, done: Done): void =>
  void setTimeout(() => done(null, Buffer.from("late")), 2500);

function server(): grpc.Server {
  const made = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  const unary = (name: string): ReturnType<typeof method> => method(`/test.Echo/${name}`, false, false);
  made.addService(
    {
      one: unary("one"),
      caller: unary("caller"),
      fail: unary("fail"),
      both: method("/test.Echo/both", true, true),
    },
    ECHO,
  );
  made.addService({ silent: method("/test.Slow/silent", false, false) }, { silent });
  made.addService({ quiet: unary("quiet") }, { quiet: silent });
  return made;
}

describe("gRPC", () => {
  const site = edgeSite(config(), undefined, ["rpc"]);
  site.passwords = { ANN_PASSWORD: PASSWORD };
  const running = server();
  const clients: grpc.Client[] = [];

  const client = (name = "maicivy.test"): grpc.Client => {
    const trusted = grpc.credentials.createSsl(Buffer.from(site.certificate));
    const made = new grpc.Client(`${site.address}:443`, trusted, {
      "grpc.ssl_target_name_override": name,
      "grpc.default_authority": name,
    });
    clients.push(made);
    return made;
  };

  /** One call; the answer and what comes after it, or the error. */
  const ask = (
    path: string,
    bytes = Buffer.alloc(0),
    metadata = new grpc.Metadata(),
    caller = client(),
  ): Promise<{ answer?: Buffer; after?: grpc.Metadata; error?: grpc.ServiceError }> =>
    new Promise((done) => {
      let answer: Buffer | undefined;
      let error: grpc.ServiceError | undefined;
      caller
        .makeUnaryRequest(path, same, same, bytes, metadata, (wrong, value) => {
          answer = value;
          error = wrong ?? undefined;
        })
        .on("status", ({ metadata: after }) => setImmediate(() => done({ answer, after, error })));
    });

  before("a real server, which the switch finds", async () => {
    const path = join(site.folder, "run", "rpc.socket");
    await new Promise<void>((done, fail) =>
      running.bindAsync(`unix:${path}`, grpc.ServerCredentials.createInsecure(), (error) =>
        error ? fail(error) : done(),
      ),
    );
    chmodSync(path, 0o777);
    const end = Date.now() + 10_000;
    while ((await ask("/test.Echo/one")).error && Date.now() < end) await sleep(100);
  });
  after(() => {
    for (const one of clients) one.close();
    running.forceShutdown();
  });

  it("reaches the application with its trailers, and its errors come back", async () => {
    const { answer, after, error } = await ask("/test.Echo/one", Buffer.from("hello"));
    assert.equal(error, undefined);
    assert.deepEqual([answer?.toString(), after?.get("x-after")], ["hello", ["the end"]]);
    const { error: missing } = await ask("/test.Echo/fail");
    assert.deepEqual([missing?.code, missing?.details], [grpc.status.NOT_FOUND, "no such thing"]);
  });

  it("says where a call comes from, and believes no caller who says it", async () => {
    const metadata = new grpc.Metadata();
    metadata.set("x-forwarded-for", "203.0.113.1");
    const claimed = [
      "x-forwarded-user",
      "x-remote-user",
      "cf-connecting-ip",
      "true-client-ip",
      "x-auth-request-email",
    ];
    for (const name of claimed) metadata.set(name, "root");
    metadata.set("authorization", "Bearer own");
    const { answer } = await ask("/test.Echo/caller", undefined, metadata);
    const seen = JSON.parse(answer!.toString()) as Record<string, string>;
    assert.equal(seen["x-forwarded-for"], site.gateway);
    assert.equal(seen["x-forwarded-proto"], "https");
    for (const name of claimed) assert.equal(seen[name], undefined, name);
    assert.equal(seen.host, "maicivy.test");
    assert.equal(seen.authorization, "Bearer own");
  });

  it("streams both ways as it comes, more than a body may have", async () => {
    const stream = client().makeBidiStreamRequest("/test.Echo/both", same, same, new grpc.Metadata());
    let bytes = 0;
    const next = (): Promise<Buffer> => new Promise((done) => stream.once("data", done));
    for (let round = 0; round < 3; round++) {
      const answer = next();
      stream.write(Buffer.from(`round ${round}`));
      assert.equal((await answer).toString(), `round ${round}`);
    }
    stream.on("data", (part: Buffer) => (bytes += part.length));
    for (let part = 0; part < 12; part++) stream.write(Buffer.alloc(1024 ** 2));
    stream.end();
    const status = await new Promise<grpc.StatusObject>((done) => stream.on("status", done));
    assert.deepEqual([status.code, bytes], [grpc.status.OK, 12 * 1024 ** 2]);
  });

  it("may be silent as long as its route says", async () => {
    const { error } = await ask("/test.Echo/quiet");
    assert.equal(error?.code, grpc.status.UNAVAILABLE);
    assert.equal((await ask("/test.Slow/silent")).answer?.toString(), "late");
  });

  it("has a name of its own, and a password that the application doesn't see", async () => {
    const rpc = client("rpc.maicivy.test");
    const { error } = await ask("/test.Echo/caller", undefined, undefined, rpc);
    assert.equal(error?.code, grpc.status.UNAUTHENTICATED);
    const metadata = new grpc.Metadata();
    metadata.set("authorization", `Basic ${Buffer.from(`ann:${PASSWORD}`).toString("base64")}`);
    const { answer } = await ask("/test.Echo/caller", undefined, metadata, rpc);
    const seen = JSON.parse(answer!.toString()) as Record<string, string>;
    assert.deepEqual([seen.host, seen.authorization], ["rpc.maicivy.test", undefined]);
  });

  it("leaves pages beside it as they are, and a browser's request there an error of the application", async () => {
    assert.equal((await site.ask("/page")).status, 200);
    const session = connectH2("https://maicivy.test", {
      lookup: fixedLookup(site.address),
      ca: site.certificate,
    });
    const status = await new Promise((done) =>
      session
        .request({ ":path": "/test.Echo/one" })
        .on("response", (head) => done(head[":status"]))
        .end(),
    );
    session.destroy();
    assert.ok(status === 405 || status === 415, String(status));
  });
});
