// Loaded into the program's process before anything else when its configuration is too large for the environment of a
// new process: reads it from a pipe, and puts it where the SDK looks for it. In a running process there is no limit.
"use strict";
const { closeSync, readFileSync } = require("node:fs");

const fd = Number(process.env.FAIRLEAD_CONFIG_FD);
Object.assign(process.env, JSON.parse(readFileSync(fd, "utf8")));
delete process.env.FAIRLEAD_CONFIG_FD;
closeSync(fd);
