// Loaded into the program's process before anything else when its configuration is too large for the environment of a
// new process: reads it from a pipe, and shows it where the SDK looks for it. What the program itself starts doesn't get
// it: a process that is started meets the same limit.
"use strict";
const { closeSync, readFileSync } = require("node:fs");

const fd = Number(process.env.FAIRLEAD_CONFIG_FD);
const config = JSON.parse(readFileSync(fd, "utf8"));
closeSync(fd);
delete process.env.FAIRLEAD_CONFIG_FD;

process.env = new Proxy(process.env, {
  get: (env, name) => (Object.hasOwn(config, name) ? config[name] : env[name]),
  has: (env, name) => Object.hasOwn(config, name) || name in env,
  set: (env, name, value) => {
    delete config[name];
    env[name] = value;
    return true;
  },
  deleteProperty: (env, name) => delete config[name] && delete env[name],
});
