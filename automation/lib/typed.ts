import { isAbsolute, resolve } from "node:path";

/** Where a path that a person typed starts: npm and npx run in the project's folder, and remember the one they came from. */
export const typed = (path: string): string =>
  isAbsolute(path) ? path : resolve(process.env.INIT_CWD ?? process.env.PWD ?? process.cwd(), path);
