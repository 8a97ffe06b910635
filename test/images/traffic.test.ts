import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cleanUp, log, onEngine, published, run, start, until } from "./support.ts";

const HAPROXY = `
global
  stats socket /tmp/runtime.sock mode 600 level admin
defaults
  mode http
  timeout client 5s
  timeout connect 5s
  timeout server 5s
frontend web
  bind :80
  http-request return status 200 content-type text/plain string through
`;

onEngine("images on the way of a request, hardened", function () {
  this.timeout(60_000);
  let images: Record<string, string>;
  let folder: string;

  before(async function () {
    this.timeout(300_000);
    images = await published(["haproxy", "nginx"]);
    folder = mkdtempSync(join(tmpdir(), "traffic-"));
    chmodSync(folder, 0o755);
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await cleanUp();
  });

  it("haproxy reads the configuration of the official image's path and stops softly", async () => {
    writeFileSync(join(folder, "haproxy.cfg"), HAPROXY);
    const container = await start({
      image: images.haproxy!,
      user: "haproxy",
      tmpfs: ["/tmp"],
      files: { "/usr/local/etc/haproxy/haproxy.cfg": join(folder, "haproxy.cfg") },
    });
    const request = "exec 3<>/dev/tcp/127.0.0.1/80; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3";
    assert.match(await until(container, 10, "bash", "-c", request), /^HTTP\/1\.1 200 OK[^]*through$/);
    assert.equal((await run(container, "id", "-u")).out, "99");
    assert.match((await run(container, "haproxy", "-v")).out, /version 3\.0\./);
    await container.stop({ t: 10 });
    assert.equal((await container.inspect()).State.ExitCode, 0, await log(container));
  });

  it("haproxy says what is wrong with a configuration", async () => {
    writeFileSync(join(folder, "broken.cfg"), "frontend web\n  bind :http-port\n");
    const files = { "/usr/local/etc/haproxy/haproxy.cfg": join(folder, "broken.cfg") };
    const container = await start({
      image: images.haproxy!,
      user: "haproxy",
      files,
      command: ["-c", "-f", "/usr/local/etc/haproxy/haproxy.cfg"],
    });
    assert.equal((await container.wait()).StatusCode, 1);
    assert.match(await log(container), /haproxy\.cfg:2/);
  });

  it("nginx serves its page compressed with Brotli and lets a request end before it stops", async () => {
    const server =
      "brotli on; brotli_types text/plain; brotli_min_length 1; server { listen 8080; root /srv; gzip on; location /slow { limit_rate 3000; } }";
    writeFileSync(join(folder, "site.conf"), server);
    writeFileSync(join(folder, "slow.txt"), `${"x".repeat(299)}\n`.repeat(40));
    const container = await start({
      image: images.nginx!,
      user: "nginx",
      tmpfs: ["/var/run", "/var/cache/nginx", "/tmp"],
      files: {
        "/etc/nginx/conf.d/default.conf": join(folder, "site.conf"),
        "/srv/slow.txt": join(folder, "slow.txt"),
      },
    });
    const curl = ["curl", "-fsS", "-o", "/dev/null", "-D", "-"];
    const headers = await until(
      container,
      10,
      ...curl,
      "-H",
      "Accept-Encoding: br, gzip",
      "http://127.0.0.1:8080/slow.txt",
    );
    assert.match(headers, /content-encoding: br/i);
    assert.match(headers, /server: nginx\/1\.26\./i);
    assert.equal((await run(container, "id", "-u")).out, "101");
    const address = (await container.inspect()).NetworkSettings.Networks.bridge!.IPAddress;
    const command = ["curl", "-fsSN", `http://${address}:8080/slow.txt`];
    const client = await start({ image: images.nginx!, user: "nginx", command });
    // Docker passes on whole lines, so the file has some.
    while (!(await log(client))) await sleep(50);
    await container.stop({ t: 20 });
    assert.equal((await client.wait()).StatusCode, 0, await log(client));
    assert.equal((await log(client)).length, 12_000);
    assert.equal((await container.inspect()).State.ExitCode, 0);
    assert.match(await log(container), /"GET \/slow.txt HTTP\/1.1" 200/);
  });

  it("nginx's own page answers without any settings", async () => {
    const container = await start({
      image: images.nginx!,
      user: "nginx",
      tmpfs: ["/run", "/var/cache/nginx"],
    });
    assert.match(await until(container, 10, "curl", "-fsS", "http://127.0.0.1/"), /Welcome to nginx/);
  });
});
