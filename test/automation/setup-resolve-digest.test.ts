import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UserError } from "../../automation/lib/errors.ts";
import { locate, resolveDigest } from "../../automation/setup/resolve-digest.ts";
import { digest } from "../support/settings.ts";

describe("where an image is", () => {
  const cases: [string, string, string, string][] = [
    ["nginx:1.28.0-alpine", "registry-1.docker.io", "library/nginx", "1.28.0-alpine"],
    ["me/api:1", "registry-1.docker.io", "me/api", "1"],
    ["nginx", "registry-1.docker.io", "library/nginx", "latest"],
    ["docker.io/me/api:1", "registry-1.docker.io", "me/api", "1"],
    ["docker.io/nginx:1", "registry-1.docker.io", "library/nginx", "1"],
    ["index.docker.io/library/nginx", "registry-1.docker.io", "library/nginx", "latest"],
    ["ghcr.io/me/api:1", "ghcr.io", "me/api", "1"],
    ["localhost/me/api:1", "localhost", "me/api", "1"],
    ["127.0.0.1:5000/api", "127.0.0.1:5000", "api", "latest"],
    ["registry.test:5000/a/b:c", "registry.test:5000", "a/b", "c"],
  ];
  for (const [reference, registry, name, tag] of cases) {
    it(reference, () => assert.deepEqual(locate(reference), { registry, name, tag }));
  }
});

describe("the digest of a tag", () => {
  let server: Server;
  let host: string;
  let seen: IncomingMessage[];
  /** The registry of a test: what it answers to a request for a manifest. */
  let manifest: (request: IncomingMessage, response: ServerResponse) => void;

  beforeEach(async () => {
    seen = [];
    server = createServer((request, response) => {
      seen.push(request);
      if (request.url!.startsWith("/token?service=busy")) response.writeHead(429).end("slow down");
      else if (request.url!.startsWith("/token")) response.end(JSON.stringify(tokenFor(request.url!)));
      else manifest(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** Service and scope must be the challenge's own. */
  function tokenFor(url: string): object {
    const query = new URL(url, "http://x").searchParams;
    return query.get("service") === "here" && query.get("scope") === "repository:me/api:pull"
      ? { access_token: "anonymous" }
      : {};
  }

  const found = (response: ServerResponse): void =>
    void response.writeHead(200, { "docker-content-digest": digest("a") }).end();

  it("is what the registry says, without downloading the manifest", async () => {
    manifest = (_, response) => found(response);
    assert.equal(await resolveDigest(`${host}/me/api:1.2`), digest("a"));
    assert.deepEqual(
      seen.map(({ method, url }) => `${method} ${url}`),
      ["HEAD /v2/me/api/manifests/1.2"],
    );
  });

  it("is asked for as a list of platforms first", async () => {
    manifest = (request, response) => {
      assert.match(request.headers.accept!, /^application\/vnd\.oci\.image\.index\.v1\+json, /);
      found(response);
    };
    await resolveDigest(`${host}/me/api:1`);
  });

  it("is asked for with an anonymous token where the registry wants one", async () => {
    manifest = (request, response) => {
      if (request.headers.authorization === "Bearer anonymous") return found(response);
      const challenge = `Bearer realm="http://${host}/token",service="here",scope="repository:me/api:pull"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
    };
    assert.equal(await resolveDigest(`${host}/me/api:1`), digest("a"));
    assert.equal(seen.length, 3);
  });

  const failures: [string, typeof manifest, RegExp][] = [
    ["an unknown tag", (_, response) => void response.writeHead(404).end(), /answered 404/],
    ["an answer without a digest", (_, response) => void response.writeHead(200).end(), /answered 200/],
    ["a refused token", challenged('Bearer realm="REALM/token",service="other"'), /asks for a login \(401\)/],
    [
      "a token server that has no time",
      challenged('Bearer realm="REALM/token",service="busy"'),
      /127\.0\.0\.1:\d+ answered 429 when asked for a token/,
    ],
    ["a registry that wants a password", challenged('Basic realm="private"'), /asks for a login/],
    ["a challenge without an address", challenged("Bearer"), /asks for a login/],
    ["a connection that breaks", (request) => void request.socket.destroy(), /can't be resolved at/],
  ];

  function challenged(challenge: string): typeof manifest {
    return (_, response) =>
      void response
        .writeHead(401, { "www-authenticate": challenge.replace("REALM", `http://${host}`) })
        .end();
  }

  for (const [name, answer, message] of failures) {
    it(`is refused for ${name}, naming reference, registry and remedy`, async () => {
      manifest = answer;
      await assert.rejects(resolveDigest(`${host}/me/api:1`), (error: unknown) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, message);
        assert.ok(error.message.startsWith(`The digest of ${host}/me/api:1 can't be resolved at ${host}: `));
        assert.match(error.remedy, /images: debian/);
        return true;
      });
    });
  }
});
