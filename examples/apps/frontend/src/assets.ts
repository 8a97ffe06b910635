import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** One static file, kept in memory. */
export interface Asset {
  type: string;
  body: Buffer;
}

/** The static files of the build, each with a hash of its content in its name. */
export class Assets {
  private readonly files = new Map<string, Asset>();

  /** @param folder the build's `assets` folder */
  constructor(folder: string) {
    for (const name of readdirSync(folder)) {
      const type = TYPES[extname(name)];
      if (type) this.files.set(`/assets/${name}`, { type, body: readFileSync(join(folder, name)) });
    }
  }

  /** The file at a path, if it is one of this build. */
  at(path: string): Asset | undefined {
    return this.files.get(path);
  }

  /**
   * The path of a file, hash included.
   * @param name name without hash, such as `app.js`
   * @throws Error when the build has no such file
   */
  path(name: string): string {
    const extension = extname(name);
    const start = `/assets/${name.slice(0, -extension.length)}-`;
    const found = [...this.files.keys()].find((path) => path.startsWith(start) && path.endsWith(extension));
    if (found) return found;
    throw new Error(`assets: ${name} isn't in the build; run "npm run build" in the frontend's folder`);
  }
}
