/** One server-sent event. */
export interface ServerEvent {
  id: string;
  event: string;
  data: Record<string, unknown>;
}

/** Reads a stream of events up to its end. */
export async function* readEvents(response: Response): AsyncGenerator<ServerEvent> {
  let rest = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2)));
      if (fields.data)
        yield { id: fields.id ?? "", event: fields.event ?? "", data: JSON.parse(fields.data) };
    }
  }
}
