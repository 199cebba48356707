/** Reads the body of an answer in bounded memory. */
import type { TimeSlices } from '../../base/time-slices.ts';
import { parseJson } from '../../base/json.ts';
import { TransientError } from '../../domain/errors.ts';
import { PieceCollector } from '../json/json-piece.ts';
import { ListCutter } from '../json/list-cutter.ts';
import { malformed, OBJECT_LIMITS, type ReadObject, readObject } from './read-object.ts';

type Body = AsyncIterable<Uint8Array>;

/** More than any object has that an API server stores, unless its limits were raised. */
const MAX_ANSWER_BYTES = 2 * 1024 * 1024;
/** A `Status` is much shorter. Of a longer answer, its start is enough. */
const MAX_REFUSAL_BYTES = 64 * 1024;

/** The parsed answer; `undefined` for an empty one. Throws a `TransientError` if it is no JSON or too large. */
export async function readAnswer(body: Body, call: string): Promise<unknown> {
  const { text, isWhole } = await readText(body, MAX_ANSWER_BYTES);
  if (!isWhole) {
    const message = `calling ${call}: the response is larger than ${MAX_ANSWER_BYTES} bytes`;
    throw new TransientError(message, { code: 'API_RESPONSE_TOO_LARGE' });
  }
  if (text === '') return undefined;
  const answer = parseJson(text);
  // No API server answers with a bare string, either.
  if (answer !== undefined && typeof answer !== 'string') return answer;
  throw malformed(call, 'the response is not JSON');
}

/** The parsed answer, or its text: a proxy's error page is kept, too. */
export async function readRefusal(body: Body): Promise<unknown> {
  const { text } = await readText(body, MAX_REFUSAL_BYTES);
  return parseJson(text) ?? text;
}

export async function readOneObject(body: Body, call: string): Promise<ReadObject> {
  const collector = new PieceCollector(OBJECT_LIMITS);
  for await (const chunk of body) collector.push(chunk);
  return readObject(collector.take(), call);
}

/** Passes each item to `take`, in short slices of time. Returns the list with no items; throws what `take` throws. */
export async function readListItems(
  body: Body,
  call: string,
  { take, slices }: { readonly take: (item: ReadObject) => void; readonly slices: TimeSlices },
): Promise<unknown> {
  const cutter = new ListCutter(OBJECT_LIMITS);
  for await (const chunk of body) {
    const pieces = await slices.run(() => cutter.push(chunk));
    for (const piece of pieces) await slices.run(() => take(readObject(piece, call)));
  }
  const head = cutter.takeHead();
  if (head.kind === 'tooLarge') throw malformed(call, 'the response is not a list');
  return parseJson(head.text);
}

async function readText(
  body: Body,
  maxBytes: number,
): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) break;
  }
  const text = Buffer.concat(chunks).toString('utf8', 0, Math.min(bytes, maxBytes));
  return { text, isWhole: bytes <= maxBytes };
}
