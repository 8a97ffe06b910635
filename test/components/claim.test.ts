import assert from "node:assert/strict";
import { claimOf } from "../../components/host/claim.ts";
import { claim } from "../../config/host/guard.ts";
import { parsed } from "../support/settings.ts";

describe("what a stack says of itself to its server", () => {
  const apps = {
    shop: {
      image: "me/shop:1",
      port: 80,
      needs: ["cache"],
      cache: {},
      database: {},
      databases: { events: {} },
    },
    cms: {
      image: "me/cms:1",
      port: 80,
      needs: ["cache"],
      cache: { prefix: "cms_v2:" },
      routes: [{ path: "/cms-of-the-site/" }],
    },
  };
  const edge = { subdomains: { shop: { app: "shop" }, x: { routes: [{ path: "/cms/", app: "cms" }] } } };
  const { config } = parsed({ name: "stack", domain: "example.com", apps, edge });
  const said = claimOf({ ...config, project: "fairlead", stack: "prod" });

  it("is what each application's data is found by", () => {
    assert.deepEqual(said.holds.databases, {
      "apps.shop.database": "shop",
      "apps.shop.databases.events": "shop_events",
    });
    assert.deepEqual(said.holds.prefixes, { "apps.cms.cache": "cms_v2:", "apps.shop.cache": "shop:" });
  });

  it("tells an application under another name by its image, or the folder that it is built from, and its addresses", () => {
    assert.deepEqual(said.signs, {
      cms: ["image: me/cms", "route: /cms-of-the-site/", "x.example.com/cms/"],
      shop: ["image: me/shop", "shop.example.com/"],
    });
    const built = { shop: { build: "./shop", port: 80 }, cms: { build: "./cms", image: "ghcr.io/me/cms:1" } };
    const { config: other } = parsed({ apps: built });
    const { signs } = claimOf({ ...other, project: "fairlead", stack: "prod" });
    assert.deepEqual(signs, { cms: ["image: ghcr.io/me/cms"], shop: ["build: ./shop"] });
  });

  it("is all that the server's contract knows, no more and no less", () => {
    const input = { ...said, id: "one", when: "create" };
    assert.deepEqual(claim.parse(input), input);
    assert.deepEqual(Object.keys(said.holds).sort(), Object.keys(claim.shape.holds.shape).sort());
  });
});
