import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { confirm } from "@inquirer/prompts";
