import tseslint from "typescript-eslint";

/** Every file of the audit but the one that says what it offers. */
const INSIDE_AUDIT = "audit/src/(?!index)[\\w/-]+.ts";

/** The house: each place, and the places that it must not import from. */
const HOUSE = {
  "config/**": ["components", "automation", "stack.ts", "index.ts", "audit", "engine"],
  "components/**": ["automation", "stack.ts", "index.ts", "audit", "engine"],
  "stack.ts": ["automation", "index.ts", "audit", "engine"],
  "index.ts": ["automation", "audit", "engine"],
  "automation/**": ["components", "stack.ts", "index.ts", "engine", INSIDE_AUDIT],
  "audit/**": ["config", "components", "automation", "stack.ts", "index.ts", "engine", "test"],
  "engine/**": ["config", "components", "automation", "audit"],
};
const ORDER =
  "imports point one way: config ← components ← stack ← index; automation talks to the stack only through Pulumi";

/** No environment and no files: settings come through config/load.ts, files through components/lib/assets.ts. */
const PURE = ["config/**", "components/**", "stack.ts", "index.ts"];
const SYSTEM = ["fs", "node:fs", "fs/promises", "node:fs/promises", "child_process", "node:child_process"];
/**
 * What reaches beyond the program on purpose: the files of `assets/`, files of the project that a stack names, and the
 * processes that keep a session to a server.
 */
const REACHING = [
  "components/lib/assets.ts",
  "components/lib/project-file.ts",
  "components/host/server-lock.ts",
  "components/host/session.ts",
];

const AWS = {
  name: "@pulumi/aws",
  message:
    "import one service module, and only where the stack uses it: the whole package takes seconds and a gigabyte",
};

/** Groups by spread (`...{ a, b }`) switch off the compiler's check for unknown keys. */
const NO_GROUPS = ["ObjectExpression", "ArrayExpression"].map((literal) => ({
  selector: `SpreadElement > ${literal}.argument`,
  message: "write the members themselves: in a spread literal TypeScript accepts a mistyped key",
}));

/** A relative import of a place from below the root, whatever the depth; for the root's own files from beside it. */
const place = (name) =>
  `^(\\.\\./)+${name.endsWith(".ts") ? name.replace(".", "\\.") + "$" : `${name}/`}|^\\./${name}/`;

const zones = Object.entries(HOUSE).map(([files, forbidden]) => ({
  files: [files.endsWith("**") ? `${files}/*.ts` : files],
  ignores: REACHING,
  rules: {
    "no-restricted-imports": [
      "error",
      {
        paths: [AWS, ...(PURE.includes(files) ? SYSTEM : [])],
        patterns: [{ regex: `${forbidden.map(place).join("|")}|^@fairlead/engine`, message: ORDER }],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ["**/node_modules/", "**/dist/", ".fairlead/", "**/fixtures/", "examples/apps/frontend/web/"] },
  ...tseslint.configs.recommended,
  {
    files: ["**/*.ts", "**/*.mjs"],
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "max-lines": ["error", { max: 400 }],
      eqeqeq: "error",
    },
  },
  { files: ["**/*.cjs"], rules: { "@typescript-eslint/no-require-imports": "off" } },
  { files: ["test/**/*.ts", "audit/test/**/*.ts"], rules: { "@typescript-eslint/no-explicit-any": "off" } },
  {
    // An assertion that isn't awaited can't fail.
    files: ["test/**/*.ts", "audit/test/**/*.ts", "engine/test/**/*.ts"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: { "@typescript-eslint/no-floating-promises": "error" },
  },
  { files: ["**/*.ts", "**/*.mjs"], rules: { "no-restricted-syntax": ["error", ...NO_GROUPS] } },
  ...zones,
  {
    files: PURE.map((files) => (files.endsWith("**") ? `${files}/*.ts` : files)),
    ignores: REACHING,
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "settings come through config/load.ts" },
      ],
    },
  },
);
