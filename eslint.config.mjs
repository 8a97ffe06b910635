import importX from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/** The order of the house: each folder may import only from those before it. */
const ORDER = ["config", "components", "stack.ts", "index.ts"];
const zones = ORDER.flatMap((target, index) =>
  ORDER.slice(index + 1).map((from) => ({
    target: `./${target}`,
    from: `./${from}`,
    message: `imports point one way: ${ORDER.join(" ← ")}`,
  })),
);
const forbid = (target, from, message) => ({ target: `./${target}`, from: `./${from}`, message });

export default tseslint.config(
  { ignores: ["**/node_modules/", "**/dist/", ".fairlead/", "**/fixtures/", "examples/apps/frontend/web/"] },
  ...tseslint.configs.recommended,
  {
    files: ["**/*.ts", "**/*.mjs"],
    plugins: { "import-x": importX },
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "max-lines": ["error", { max: 400 }],
      eqeqeq: "error",
      "no-console": "off",
      "import-x/no-restricted-paths": [
        "error",
        {
          zones: [
            ...zones,
            forbid("automation", "components", "automation talks to the stack only through Pulumi"),
            forbid("automation", "stack.ts", "automation talks to the stack only through Pulumi"),
            forbid("config", "automation", "config is the ground floor"),
            forbid("components", "automation", "components know nothing of automation"),
            ...["config", "components", "automation", "stack.ts", "index.ts"].map((target) =>
              forbid(target, "engine", "no component imports or detects the engine"),
            ),
            ...["config", "components", "automation", "stack.ts"].map((from) =>
              forbid("engine", from, "the engine runs any Pulumi program and knows none"),
            ),
          ],
        },
      ],
    },
  },
  {
    // A component reads no environment and no files; assets come through components/assets.ts.
    files: ["components/**/*.ts", "config/**/*.ts", "stack.ts"],
    ignores: ["components/assets.ts"],
    rules: {
      "no-restricted-imports": ["error", { paths: ["fs", "node:fs", "node:fs/promises", "child_process", "node:child_process"] }],
      "no-restricted-properties": ["error", { object: "process", property: "env", message: "settings come through config/load.ts" }],
    },
  },
  {
    files: ["index.ts", "stack.ts", "config/**/*.ts", "components/**/*.ts", "automation/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "ImportDeclaration[source.value='@pulumi/aws']",
          message: "import one service module, and only where the stack uses it: the whole package takes seconds and a gigabyte",
        },
      ],
    },
  },
);
