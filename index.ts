import { registryOffer } from "./components/host/registry-offer.ts";
import { serverLock } from "./components/host/server-lock.ts";
import { load } from "./config/load.ts";
import { declareStack } from "./stack.ts";

const outputs = declareStack(load(), serverLock(), registryOffer());

// Pulumi warns of each output without a value, at every update.
export = Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined));
