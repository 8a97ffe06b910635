import * as grpc from "@grpc/grpc-js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import resource from "@pulumi/pulumi/proto/resource_pb.js";
import resourceServices from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";

/** Everything that the protocol has: the program uses what it needs. */
const FEATURES = Object.values(resource.ResourceMonitorFeature).filter((value) => typeof value === "number");

/** What the program registered. */
export interface Registrations {
  /** How many resources, the stack and components included. */
  count: number;
  /** `performance.now()` of the last one. */
  last: number;
}

/**
 * Stands in for an engine that takes no time: answers every registration of a preview at once with its own inputs.
 * What remains is what the program itself needs.
 * @param each runs at each registration
 */
export async function standIn(each: () => void): Promise<{
  address: string;
  seen: Registrations;
  close: () => void;
}> {
  const seen: Registrations = { count: 0, last: 0 };
  let root = "";
  const server = new grpc.Server();
  server.addService(resourceServices.ResourceMonitorService as grpc.ServiceDefinition, {
    getDeploymentInfo: answer(() => {
      const info = new resource.DeploymentInfo().setProject("fairlead").setStack("bench").setDryrun(true);
      return info.setSupportedfeaturesList(FEATURES);
    }),
    supportsFeature: answer(() => new resource.SupportsFeatureResponse().setHassupport(true)),
    registerResource: answer((request: InstanceType<typeof resource.RegisterResourceRequest>) => {
      seen.count++;
      seen.last = performance.now();
      each();
      const response = new resource.RegisterResourceResponse();
      response.setUrn(`urn:pulumi:bench::fairlead::${request.getType()}::${request.getName()}`);
      return response.setObject(request.getObject());
    }),
    registerResourceOutputs: answer(() => new Empty()),
    signalAndWaitForShutdown: answer(() => new Empty()),
  });
  server.addService(engineServices.EngineService as grpc.ServiceDefinition, {
    log: answer((request: InstanceType<typeof engine.LogRequest>) => {
      if (request.getSeverity() === engine.LogSeverity.ERROR)
        process.stderr.write(`${request.getMessage()}\n`);
      return new Empty();
    }),
    getRootResource: answer(() => new engine.GetRootResourceResponse().setUrn(root)),
    setRootResource: answer((request: InstanceType<typeof engine.SetRootResourceRequest>) => {
      root = request.getUrn();
      return new engine.SetRootResourceResponse();
    }),
    requirePulumiVersion: answer(() => new engine.RequirePulumiVersionResponse()),
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { address: `127.0.0.1:${port}`, seen, close: () => server.forceShutdown() };
}

function answer<Request>(make: (request: Request) => unknown): grpc.UntypedHandleCall {
  return (call: grpc.ServerUnaryCall<Request, unknown>, respond: grpc.sendUnaryData<unknown>) =>
    respond(null, make(call.request));
}
