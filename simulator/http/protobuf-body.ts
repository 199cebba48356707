/** Decodes the few kinds that kubectl sends as protobuf into their JSON form. */
import { ApiFailure } from '../objects/api-failure.ts';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from('k8s\0', 'latin1');

/** A message's fields by number: text, a map of text values, or a message. */
interface Message {
  readonly [field: number]: readonly [name: string, type: 'text' | 'map' | Message];
}

type Decoded = Record<string, unknown>;

interface Envelope {
  readonly type: { apiVersion: string; kind: string };
  raw: Buffer;
}

const TYPE: Message = { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] };

const METADATA: Message = {
  1: ['name', 'text'],
  2: ['generateName', 'text'],
  3: ['namespace', 'text'],
  11: ['labels', 'map'],
  12: ['annotations', 'map'],
};

/** The supported kinds, from the `generated.proto` of each API group. */
const KINDS: Readonly<Record<string, Message>> = {
  Namespace: { 1: ['metadata', METADATA] },
  SelfSubjectAccessReview: {
    1: ['metadata', METADATA],
    2: [
      'spec',
      {
        1: [
          'resourceAttributes',
          {
            1: ['namespace', 'text'],
            2: ['verb', 'text'],
            3: ['group', 'text'],
            4: ['version', 'text'],
            5: ['resource', 'text'],
            6: ['subresource', 'text'],
            7: ['name', 'text'],
          },
        ],
        2: ['nonResourceAttributes', { 1: ['path', 'text'], 2: ['verb', 'text'] }],
      },
    ],
  },
};

/** Throws a 415 for an unsupported kind, and a 400 for a body that is not Kubernetes protobuf. */
export function decodeProtobuf(bytes: Buffer): Decoded {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw malformed();
  const envelope: Envelope = { type: { apiVersion: '', kind: '' }, raw: Buffer.alloc(0) };
  for (const { field, content } of readFields(bytes.subarray(MAGIC.length))) {
    if (field === 1) Object.assign(envelope.type, decode(TYPE, content));
    if (field === 2) envelope.raw = content;
  }
  const message = KINDS[envelope.type.kind];
  if (message === undefined) {
    const text = `the simulator does not decode ${envelope.type.kind} from protobuf: send JSON`;
    throw new ApiFailure(415, { message: text, reason: 'UnsupportedMediaType', details: {} });
  }
  return { ...envelope.type, ...decode(message, envelope.raw) };
}

/** Omits empty text fields: protobuf contains them where JSON does not. */
function decode(message: Message, bytes: Buffer): Decoded {
  const decoded: Decoded = {};
  for (const { field, content } of readFields(bytes)) {
    const [name, type] = message[field] ?? [];
    if (name === undefined || type === undefined) continue;
    if (type === 'map') {
      const entry = decode({ 1: ['key', 'text'], 2: ['value', 'text'] }, content);
      const map = (decoded[name] ?? {}) as Decoded;
      decoded[name] = { ...map, [String(entry['key'])]: entry['value'] ?? '' };
    } else if (type !== 'text') decoded[name] = decode(type, content);
    else if (content.length > 0) decoded[name] = content.toString();
  }
  return decoded;
}

/** The length-delimited fields; skips numbers. */
function* readFields(bytes: Buffer): Generator<{ field: number; content: Buffer }> {
  const place = { at: 0 };
  while (place.at < bytes.length) {
    const tag = readNumber(bytes, place);
    const wireType = tag % 8;
    if (wireType === 0) readNumber(bytes, place);
    else if (wireType === 2) {
      const length = readNumber(bytes, place);
      if (place.at + length > bytes.length) throw malformed();
      yield {
        field: Math.floor(tag / 8),
        content: bytes.subarray(place.at, (place.at += length)),
      };
    } else throw malformed();
  }
}

function readNumber(bytes: Buffer, place: { at: number }): number {
  let value = 0;
  for (let shift = 0; shift < 64; shift += 7) {
    const byte = bytes[place.at++];
    if (byte === undefined) throw malformed();
    value += (byte % 128) * 2 ** shift;
    if (byte < 128) return value;
  }
  throw malformed();
}

function malformed(): ApiFailure {
  const message = 'the body is not Kubernetes protobuf';
  return new ApiFailure(400, { message, reason: 'BadRequest' });
}
