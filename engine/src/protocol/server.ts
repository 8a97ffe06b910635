import grpc from "@grpc/grpc-js";
import { messageOf } from "../errors.ts";

type Call<Request> = grpc.ServerUnaryCall<Request, unknown>;

/** A gRPC method as a function from request to response. */
export type Method<Request> = (request: Request) => Promise<unknown> | unknown;

/** Turns functions into gRPC handlers; what they throw becomes a status. */
export function handlers(methods: Record<string, Method<never>>): grpc.UntypedServiceImplementation {
  const wrap = (method: Method<never>): grpc.UntypedHandleCall => {
    return (call: Call<unknown>, respond: grpc.sendUnaryData<unknown>): void => {
      Promise.resolve()
        .then(() => method(call.request as never))
        .then(
          (response) => respond(null, response),
          (error: unknown) => respond({ code: codeOf(error), message: messageOf(error) }),
        );
    };
  };
  return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, wrap(method)]));
}

/** An error with the gRPC status that the SDK should see. */
export class StatusError extends Error {
  readonly code: grpc.status;
  constructor(code: keyof typeof grpc.status, message: string) {
    super(message);
    this.code = grpc.status[code];
  }
}

const codeOf = (error: unknown): grpc.status =>
  error instanceof StatusError ? error.code : grpc.status.UNKNOWN;

/** Serves on a free port of the loopback interface. */
export async function serve(
  services: [grpc.ServiceDefinition, grpc.UntypedServiceImplementation][],
): Promise<{ address: string; close: () => void }> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  for (const [definition, implementation] of services) server.addService(definition, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}
