import { registryOffer } from "./components/host/registry-offer.ts";
import { serverLock } from "./components/host/server-lock.ts";
import { load } from "./config/load.ts";
import { declareStack } from "./stack.ts";

export = declareStack(load(), serverLock(), registryOffer());
