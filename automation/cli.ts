import { commands } from "./commands.ts";
import { completable } from "./completion.ts";

void completable(commands()).parseAsync();
