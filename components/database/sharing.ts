import * as pulumi from "@pulumi/pulumi";
import { sharing } from "../../config/databases.ts";
import type { App } from "../../config/schema/app/index.ts";
import type { Database } from "./database.ts";

/** Says at each preview and update which applications read each other's tables: nobody else would. */
export function noteSharing(apps: Readonly<Record<string, App>>, database: Database | undefined): void {
  const names = sharing(apps);
  if (names.length === 0) return;
  const words = `${names.join(", ")} share one database, and each can read and change what the others have there; database: {} gives an application its own (docs/data.md)`;
  void pulumi.log.info(words, database);
}
