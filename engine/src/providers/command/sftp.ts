import { readdir, stat } from "node:fs/promises";
import { posix } from "node:path";
import type { Client, SFTPWrapper } from "ssh2";

type Remote = "file" | "folder" | undefined;

function promised<T>(
  call: (done: (error: Error | null | undefined, value?: T) => void) => void,
  what: string,
): Promise<T> {
  return new Promise((resolve, reject) =>
    call((error, value) =>
      error
        ? reject(Object.assign(new Error(`${what}: ${error.message}`), { code: errorCode(error) }))
        : resolve(value as T),
    ),
  );
}

const errorCode = (error: Error): unknown => (error as { code?: unknown }).code;
/** SSH_FX_NO_SUCH_FILE of the SFTP protocol. */
const NO_SUCH_FILE = 2;

/** Copies over SFTP with the rules of the official provider. Remote paths are POSIX paths. */
export class RemoteCopy {
  readonly #sftp: SFTPWrapper;
  private constructor(sftp: SFTPWrapper) {
    this.#sftp = sftp;
  }

  static async open(client: Client): Promise<RemoteCopy> {
    return new RemoteCopy(
      await promised<SFTPWrapper>((done) => client.sftp(done), "cannot start SFTP on the server"),
    );
  }

  async #kind(path: string): Promise<Remote> {
    try {
      const found = await promised<{ isDirectory(): boolean }>(
        (done) => this.#sftp.stat(path, done),
        `failed to stat remote path ${path}`,
      );
      return found.isDirectory() ? "folder" : "file";
    } catch (error) {
      if (errorCode(error as Error) === NO_SUCH_FILE) return undefined;
      throw error;
    }
  }

  async #makeFolder(path: string): Promise<void> {
    const kind = await this.#kind(path);
    if (kind === "file") throw new Error(`remote path ${path} exists but is not a directory`);
    if (kind === "folder") return;
    await this.#makeFolder(posix.dirname(path));
    await promised<void>((done) => this.#sftp.mkdir(path, done), `failed to create remote directory ${path}`);
  }

  async #put(local: string, remote: string): Promise<void> {
    await promised<void>(
      (done) => this.#sftp.fastPut(local, remote, done),
      `failed to copy file ${local} to remote path ${remote}`,
    );
  }

  /** Writes a text to exactly `path`, making its folders. */
  async text(content: string, path: string): Promise<void> {
    if ((await this.#kind(path)) === "folder")
      throw new Error(
        `remote path ${path} is a directory; with a StringAsset, remotePath must be a file path`,
      );
    await this.#makeFolder(posix.dirname(path));
    await promised<void>(
      (done) => this.#sftp.writeFile(path, content, done),
      `failed to write to remote path ${path}`,
    );
  }

  /**
   * Copies a file to `target`, or into it where it is a folder. Copies a folder into `target` under its own name, or
   * only its contents when `source` ends in `/`.
   */
  async path(source: string, target: string): Promise<void> {
    const kind = await this.#kind(target);
    if (!(await stat(source)).isDirectory()) {
      if (kind === undefined) await this.#makeFolder(posix.dirname(target));
      return this.#put(source, kind === "folder" ? posix.join(target, posix.basename(source)) : target);
    }
    await this.#makeFolder(target);
    return this.#tree(source, source.endsWith("/") ? target : posix.join(target, posix.basename(source)));
  }

  async #tree(source: string, target: string): Promise<void> {
    await this.#makeFolder(target);
    for (const entry of await readdir(source, { withFileTypes: true })) {
      const [from, to] = [posix.join(source, entry.name), posix.join(target, entry.name)];
      await (entry.isDirectory() ? this.#tree(from, to) : this.#put(from, to));
    }
  }
}
