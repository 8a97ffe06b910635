import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildArguments, buildImage, stepOf } from "../../automation/build/build.ts";
import { architectureOf } from "../../automation/build/machine.ts";
import { missingSources } from "../../automation/build/sources.ts";
import { UserError } from "../../automation/lib/errors.ts";
import { loginFor } from "../../automation/setup/registry-login.ts";
import { unbuilt } from "../../automation/build/unbuilt.ts";
import { digest, parsed } from "../support/settings.ts";

const BUILD = { context: "./shop", dockerfile: "Dockerfile", args: {} };

describe("a build of an application", () => {
  it("is docker's own, for the server's processor, with stage and arguments in their order", () => {
    const build = { ...BUILD, target: "web", args: { NODE: "22", A: "b c" } };
    const request = { app: "shop", build, name: "localhost/x:1", architecture: "arm64" };
    const args = buildArguments(request, "/p/shop", "/p/shop/Dockerfile", "/t/id", { http_proxy: "p" });
    assert.equal(
      args.join(" "),
      "build --force-rm --platform linux/arm64 --file /p/shop/Dockerfile --iidfile /t/id --tag localhost/x:1 " +
        "--label io.fairlead.built-for=shop --target web --build-arg A=b c --build-arg NODE=22 " +
        "--build-arg http_proxy /p/shop",
    );
  });

  const steps: [string, string | undefined][] = [
    ["#7 [2/4] RUN npm ci", "2/4 RUN npm ci"],
    ["#9 [build 3/4] COPY . .", "3/4 COPY . ."],
    ["Step 2/4 : COPY server.mjs .", "2/4 COPY server.mjs ."],
    ["#7 0.234 added 5 packages", undefined],
    [" ---> 1234567890ab", undefined],
  ];
  for (const [line, step] of steps) it(`says of "${line}" ${step}`, () => assert.equal(stepOf(line), step));

  describe("without what it needs", () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "fairlead-test-"))));
    afterEach(() => rmSync(folder, { recursive: true }));

    const build = (context: string): Promise<string> =>
      buildImage({
        app: "shop",
        build: { ...BUILD, context },
        name: "localhost/fairlead-test",
        architecture: "amd64",
        say: () => undefined,
      });
    const refusal = (words: RegExp) => (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, words);
      return true;
    };

    it("names a folder that isn't there", () =>
      assert.rejects(build(join(folder, "none")), refusal(/apps\.shop\.build: there is no folder .*none/)));

    it("names a file where a folder is expected", () => {
      writeFileSync(join(folder, "shop"), "");
      const [problem] = missingSources("shop", { ...BUILD, context: "shop" }, folder);
      assert.equal(problem!.path, "apps.shop.build");
      assert.match(problem!.message, /^there is no folder shop in .*, only a file of that name$/);
    });

    it("names a Dockerfile that isn't there", async () => {
      writeFileSync(join(folder, "index.js"), "");
      await assert.rejects(build(folder), refusal(/apps\.shop\.build: there is no Dockerfile in /));
    });
  });
});

describe("a server's processor", () => {
  it("has Docker's name", () => {
    assert.equal(architectureOf("x86_64\n"), "amd64");
    assert.equal(architectureOf("aarch64\n"), "arm64");
  });

  it("is refused by its name where nothing is built for it", () => {
    assert.throws(() => architectureOf("mips\n"), /processor is mips/);
  });
});

describe("applications that set-up builds", () => {
  const reference = "registry.fairlead.internal:5000/built/shop:latest";
  const apps = { shop: { build: "./shop", port: 80 }, api: { image: "ghcr.io/me/api:1", port: 80 } };

  it("are those without a recorded digest and without a release", () => {
    assert.deepEqual(unbuilt(parsed({ apps }).config), ["shop"]);
    assert.deepEqual(unbuilt(parsed({ apps, digests: { [reference]: digest("a") } }).config), []);
    const shop = [{ image: `ghcr.io/me/shop@${digest("a")}`, weight: 1 }];
    assert.deepEqual(unbuilt(parsed({ apps, releases: { shop } }).config), []);
  });
});

describe("the login for an image", () => {
  it("is that of its registry, with the secret's value", () => {
    const { config } = parsed({ registries: { "ghcr.io": { username: "you", password: "TOKEN" } } });
    const of = (reference: string) => loginFor(reference, { config, secrets: { TOKEN: "t" } });
    assert.deepEqual(of("ghcr.io/me/api:1"), { username: "you", password: "t" });
    assert.equal(of("me/api:1"), undefined);
  });
});
