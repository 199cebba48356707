/** Reads an open watch line by line, with a limit on silence. */
import { describeFailure } from './call-failure.ts';
import type { Deadline } from '../../base/deadline.ts';
import { splitLines } from './line-splitter.ts';
import type { ApiRequest } from './transport.ts';

/** By default, etcd stores objects of up to 1.5 MiB; a longer frame than this can't be one. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

interface OpenStream {
  readonly request: ApiRequest;
  readonly body: AsyncIterable<Uint8Array>;
  readonly deadline: Deadline;
  readonly idleMs: number;
}

export async function* readStream({
  request,
  body,
  deadline,
  idleMs,
}: OpenStream): AsyncGenerator<string> {
  try {
    yield* splitLines(restartingOnEachChunk(body, deadline, idleMs), MAX_LINE_BYTES);
  } catch (error) {
    throw describeFailure(request, error, deadline, 'API_STREAM_CUT');
  } finally {
    // However it ends, close the connection of a watch that nobody reads any more.
    deadline.end();
  }
}

async function* restartingOnEachChunk(
  body: AsyncIterable<Uint8Array>,
  deadline: Deadline,
  idleMs: number,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    deadline.restart(idleMs);
    yield chunk;
  }
}
