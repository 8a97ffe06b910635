import { createRequire } from "node:module";
import type { ServiceDefinition, ServiceClientConstructor } from "@grpc/grpc-js";
import type * as Engine from "@pulumi/pulumi/proto/engine_pb.js";
import type * as Events from "@pulumi/pulumi/proto/events_pb.js";
import type * as Resource from "@pulumi/pulumi/proto/resource_pb.js";
import type * as Struct from "google-protobuf/google/protobuf/struct_pb.js";
import type * as Empty from "google-protobuf/google/protobuf/empty_pb.js";

/** The protocol as the SDK ships it. It is CommonJS and partly untyped, so it is loaded and typed here only. */
const load = createRequire(import.meta.url);

export const resource = load("@pulumi/pulumi/proto/resource_pb.js") as typeof Resource;
export const engine = load("@pulumi/pulumi/proto/engine_pb.js") as typeof Engine;
export const events = load("@pulumi/pulumi/proto/events_pb.js") as typeof Events;
// The SDK's own copy of google-protobuf makes the messages; ours must be the same one to nest them.
const sdk = createRequire(load.resolve("@pulumi/pulumi/proto/resource_pb.js"));
export const struct = sdk("google-protobuf/google/protobuf/struct_pb.js") as typeof Struct;
export const empty = sdk("google-protobuf/google/protobuf/empty_pb.js") as typeof Empty;

interface Services {
  ResourceMonitorService: ServiceDefinition;
  EngineService: ServiceDefinition;
  EventsClient: ServiceClientConstructor;
}
const services = {
  ...(load("@pulumi/pulumi/proto/resource_grpc_pb.js") as object),
  ...(load("@pulumi/pulumi/proto/engine_grpc_pb.js") as object),
  ...(load("@pulumi/pulumi/proto/events_grpc_pb.js") as object),
} as Services;
export const { ResourceMonitorService, EngineService, EventsClient } = services;

export type { Engine, Resource, Struct };
