import { appendFileSync } from "node:fs";
import grpc from "@grpc/grpc-js";
import { empty, events as pb, EventsClient } from "../protocol/protos.ts";
import type { Listener } from "./bus.ts";
import { eventJson } from "./json.ts";

/** Writes events for other programs (`--event-log`): to a file, or to a `tcp://` address over gRPC. */
export function eventLog(target: string): { listener: Listener; close: () => Promise<void> } {
  const sink = target.startsWith("tcp://") ? grpcSink(target.slice("tcp://".length)) : fileSink(target);
  let sequence = 0;
  return {
    listener: (event) => {
      const json = eventJson(event, sequence);
      if (!json) return;
      sequence++;
      sink.write(JSON.stringify(json));
    },
    close: sink.close,
  };
}

interface Sink {
  write: (json: string) => void;
  close: () => Promise<void>;
}

const fileSink = (path: string): Sink => ({
  write: (json) => appendFileSync(path, `${json}\n`),
  close: () => Promise.resolve(),
});

function grpcSink(address: string): Sink {
  const client = new EventsClient(address, grpc.credentials.createInsecure(), {
    "grpc.max_send_message_length": -1,
  });
  let ended: (error?: Error) => void = () => undefined;
  const over = new Promise<void>((resolve, reject) => {
    ended = (error) => (error ? reject(error) : resolve());
  });
  over.catch(() => undefined);
  const open = client["streamEvents"] as (
    done: (error: Error | null, response: InstanceType<typeof empty.Empty>) => void,
  ) => grpc.ClientWritableStream<InstanceType<typeof pb.EventRequest>>;
  const stream = open.call(client, (error) => ended(error ?? undefined));
  stream.on("error", (error: Error) => ended(error));
  return {
    write: (json) => void stream.write(new pb.EventRequest().setEvent(json)),
    close: async () => {
      stream.end();
      // A listener that went away must not fail an update that is done.
      await over.catch(() => undefined);
      client.close();
    },
  };
}
