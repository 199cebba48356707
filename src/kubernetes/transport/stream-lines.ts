/** Reads an open watch line by line, with a limit on silence. */
import { describeFailure } from './call-failure.ts';
import type { Deadline } from '../../base/deadline.ts';
import type { TimeSlices } from '../../base/time-slices.ts';
import type { JsonPiece } from '../json/json-piece.ts';
import { splitLines } from '../json/line-splitter.ts';
import { FRAME_LIMITS } from './read-object.ts';
import type { ApiRequest } from './transport.ts';

interface OpenStream {
  readonly request: ApiRequest;
  readonly body: AsyncIterable<Uint8Array>;
  readonly deadline: Deadline;
  readonly idleMs: number;
  readonly slices: TimeSlices;
}

export async function* readStream({
  request,
  body,
  deadline,
  idleMs,
  slices,
}: OpenStream): AsyncGenerator<JsonPiece> {
  try {
    for await (const line of splitLines(
      restartingOnEachChunk(body, deadline, idleMs),
      FRAME_LIMITS,
    )) {
      yield await slices.run(() => line);
    }
  } catch (error) {
    throw describeFailure(request, error, deadline, 'API_STREAM_CUT');
  } finally {
    // However it ends, close the connection of a watch that nobody reads any more.
    deadline.end();
  }
}

/** Gives the body `idleMs` more with each chunk. */
export async function* restartingOnEachChunk(
  body: AsyncIterable<Uint8Array>,
  deadline: Deadline,
  idleMs: number,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    deadline.restart(idleMs);
    yield chunk;
  }
}
