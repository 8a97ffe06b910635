import assert from "node:assert/strict";
import { startBackend, type Server } from "./support/server.ts";
import { Socket } from "./support/socket.ts";
import { describeWithStores, sharedStores } from "./support/stores.ts";
import { until } from "./support/wait.ts";

describeWithStores("example backend: metrics (M30, M31)", function () {
  this.timeout(60_000);
  let server: Server;

  before(async () => {
    server = await startBackend(await sharedStores(), { VERSION: "1.2.3" });
  });
  after(() => server?.end());

  const metrics = async () => (await server.fetch("/metrics")).text();
  const value = async (line: string) => {
    const found = (await metrics()).split("\n").find((each) => each.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.slice(line.length + 1));
  };

  it("counts requests by method, route and status; ids and unknown paths make no new series", async () => {
    for (const id of [900001, 900002, 900003]) await server.fetch(`/api/items/${id}`, { method: "DELETE" });
    for (const path of ["/a", "/b"]) await server.fetch(path);
    assert.equal(await value('http_requests_total{method="DELETE",route="/api/items/:id",status="404"}'), 3);
    assert.equal(await value('http_requests_total{method="GET",route="unmatched",status="404"}'), 2);
  });

  it("measures seconds in the asked buckets", async () => {
    await server.fetch("/api/slow?ms=150", { method: "POST" });
    const bucket = (le: string) =>
      value(`http_request_duration_seconds_bucket{le="${le}",method="POST",route="/api/slow"}`);
    for (const le of ["0.005", "0.1"]) assert.equal(await bucket(le), 0, le);
    for (const le of ["0.5", "1", "2", "5", "+Inf"]) assert.equal(await bucket(le), 1, le);
  });

  it("shows open WebSockets as visitors, and open connections", async () => {
    const sockets = await Promise.all([1, 2].map(() => Socket.open(`${server.url}/ws`)));
    await until("2 visitors", async () => (await value("analytics_realtime_visitors")) === 2);
    assert.ok(Number(await value("active_connections")) >= 2);
    for (const { socket } of sockets) socket.close();
    await until("no visitors", async () => (await value("analytics_realtime_visitors")) === 0);
  });

  it("has the process's own metrics and the release", async () => {
    assert.ok(Number(await value("process_resident_memory_bytes")) > 1e6);
    assert.equal(await value('app_info{release="r1",version="1.2.3"}'), 1);
  });

  it("leaves streams out of the durations: they would look like slow answers", async () => {
    const abort = new AbortController();
    await server.fetch("/api/events", { signal: abort.signal });
    abort.abort();
    await until("the stream is counted", async () => {
      return (await value('http_requests_total{method="GET",route="/api/events",status="200"}')) === 1;
    });
    assert.ok(
      !(await metrics()).includes('http_request_duration_seconds_count{method="GET",route="/api/events"}'),
    );
  });
});
