import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";

const ROOT = resolve(__dirname, "../..");
const LOADER = "automation/typescript.cjs";

/** Prints what the program exports, and whether TypeScript was needed for it. */
const ASK = `console.log(require("./index.ts"), Object.keys(require.cache).some((file) => /typescript\\.js$/.test(file)))`;

describe("the program's TypeScript", () => {
  let house: string;

  beforeEach(() => {
    house = mkdtempSync(join(tmpdir(), "fairlead-typescript-"));
    for (const folder of ["automation", "node_modules"]) mkdirSync(join(house, folder));
    for (const file of [LOADER, "tsconfig.json"]) copyFileSync(join(ROOT, file), join(house, file));
    for (const name of ["typescript", "ts-node", "@types"])
      symlinkSync(join(ROOT, "node_modules", name), join(house, "node_modules", name));
  });

  afterEach(() => rmSync(house, { recursive: true }));

  const write = (text: string): void => writeFileSync(join(house, "index.ts"), text);
  const node = (options: string[]) =>
    execa(process.execPath, [...options, "--require", `./${LOADER}`, "-e", ASK], {
      cwd: house,
      reject: false,
    });
  const fast = () => node(["--stack-trace-limit=0"]);

  it("is translated once, and after every change", async () => {
    write("const port: number = 1;\nexport = port;\n");
    assert.equal((await fast()).stdout, "1 true");
    assert.equal((await fast()).stdout, "1 false");
    write("const port: number = 2;\nexport = port;\n");
    assert.equal((await fast()).stdout, "2 true");
    assert.equal((await fast()).stdout, "2 false");
    assert.deepEqual(readdirSync(join(house, "node_modules/.cache/fairlead")), ["index.ts.js"]);
  });

  it("is translated anew when what was kept is incomplete", async () => {
    write("export = 1;\n");
    await fast();
    writeFileSync(join(house, "node_modules/.cache/fairlead/index.ts.js"), "module.exp");
    assert.equal((await fast()).stdout, "1 true");
  });

  it("runs where nothing can be kept", async () => {
    write("export = 1;\n");
    writeFileSync(join(house, "node_modules/.cache"), "not a folder");
    assert.equal((await fast()).stdout, "1 true");
  });

  it("names the place of what it can't read", async () => {
    write("export = 1;\nconst = 2;\n");
    assert.match((await fast()).stderr, /index\.ts\(2,7\): error TS1134/);
  });

  it("names the line of a mistake once stack traces are on", async () => {
    write("interface Gone {\n  a: string;\n}\n\nthrow new Error('here');\nexport = 1;\n");
    assert.match((await node([])).stderr, /index\.ts:5:7/);
  });
});
