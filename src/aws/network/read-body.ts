/** The body of an answer, bounded: whatever answers instead of AWS can't fill the memory. */
import type { IncomingMessage } from 'node:http';
import { SourceError } from '../errors/failures.ts';

/** AWS answers with a few kilobytes. */
const LONGEST_BODY = 1024 * 1024;

/** Rejects with Node's error if the answer breaks off, and with a `SourceError` if it is longer than 1 MiB. */
export async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_BODY) throw tooLong(incoming.statusCode);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLong(status: number | undefined): SourceError {
  return new SourceError('the response is too long', {
    kind: 'invalidAnswer',
    name: 'AnswerTooLong',
    ...(status === undefined ? {} : { httpStatus: status }),
  });
}
