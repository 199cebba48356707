/** Two servers that receive the same requests: their answers, made comparable, must be equal. */
import type { Answer, ContractClient } from './contract-client.ts';
import type { RandomWrite } from './random-writes.ts';

const OTHER_UID = '00000000-0000-0000-0000-000000000000';

/** One server and what is known about its objects. */
export class Twin {
  readonly #client: ContractClient;
  readonly #namespace: string;
  readonly #versions = new Map<string, string>();

  constructor(client: ContractClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /** The answer without what always differs between two servers. */
  async send(write: RandomWrite): Promise<string> {
    const collection = write.resource.path(this.#namespace);
    const path = `${collection}/${write.name}`;
    const { metadata: own } = (await this.#client.get(path)).body;
    const { status, body } = await this.#ask(write, collection, own);
    const version = body.kind === 'Status' ? undefined : body.metadata.resourceVersion;
    const isSame = version === this.#versions.get(path);
    if (version !== undefined) this.#versions.set(path, version);
    return `${status} ${version === undefined ? '' : isSame ? 'same' : 'new'} ${render(body)}`;
  }

  #ask(
    write: RandomWrite,
    collection: string,
    own: { readonly uid: string; readonly resourceVersion: string },
  ): Promise<Answer> {
    const { resource, name, manager, force, content, operations, how } = write;
    const path = `${collection}/${name}`;
    const metadata = { ...write.metadata, ...identityOf(write, own) };
    const involved =
      resource.kind === 'Event' && how !== 'merge'
        ? { involvedObject: { kind: 'Namespace', namespace: this.#namespace } }
        : {};
    const client = this.#client;
    switch (how) {
      case 'create':
        return client.post(
          collection,
          { ...content, ...involved, metadata: { ...write.metadata, name } },
          `${manager}/1`,
        );
      case 'apply': {
        const { kind, apiVersion } = resource;
        const body = { kind, apiVersion, ...content, ...involved, metadata: { ...metadata, name } };
        return client.apply(path, body, `fieldManager=${manager}&force=${force}`);
      }
      case 'merge':
        return client.merge(path, { ...content, metadata }, { userAgent: `${manager}/1` });
      case 'json':
        return client.jsonPatch(`${path}?fieldManager=${manager}`, operations);
      case 'delete':
        return client.delete(path, write.uid === 'other' ? { uid: OTHER_UID } : undefined);
      case 'read':
        return client.get(path);
    }
  }
}

function identityOf(
  { version, uid }: RandomWrite,
  own: { readonly uid: string; readonly resourceVersion: string },
): Readonly<Record<string, string>> {
  return {
    ...(version === 'own' && own.resourceVersion ? { resourceVersion: own.resourceVersion } : {}),
    ...(version === 'other' ? { resourceVersion: '1' } : {}),
    ...(uid === 'own' && own.uid ? { uid: own.uid } : {}),
    ...(uid === 'other' ? { uid: OTHER_UID } : {}),
  };
}

/** Set by the server itself, or left out by the simulator on purpose. */
const IGNORED = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'time',
  'volumes',
  'volumeMounts',
  'tolerations',
  'priority',
  'preemptionPolicy',
]);

function render(body: unknown): string {
  const text = JSON.stringify(body, (key, value: unknown) => {
    if (IGNORED.has(key)) return undefined;
    // Owners and conflicts of the same second have a random order.
    if (key === 'managedFields' || key === 'causes') return sorted(value);
    if (key === 'message' && typeof value === 'string') return comparable(value);
    return isMap(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  });
  return text;
}

/** Worded by the server's decoder and merge, or by the simulator: nobody needs more than their kind. */
const ILL_TYPED =
  /json: cannot unmarshal|parsing time "|: expected (string|numeric)|does not fit its type/;
/** Likewise for invalid names, labels and label values. */
const BAD_FORM = /consist of|does not have the right form/;

/**
 * Without versions, UIDs, the difference that the server shows, the object that it quotes, and the order of conflicts.
 */
function comparable(message: string): string {
  if (ILL_TYPED.test(message)) return 'ill-typed';
  if (BAD_FORM.test(message)) return 'bad form';
  if (message.includes('patch: Invalid value: "{') || message.startsWith('Invalid value: "{')) {
    return message.slice(message.lastIndexOf('": ') + 3);
  }
  const [conflicts] = /^Apply failed with \d+ conflicts: /.exec(message) ?? [];
  if (conflicts !== undefined) {
    return conflicts + message.slice(conflicts.length).split('\n').sort().join();
  }
  return message
    .replaceAll(/\n@@[^]*?(?=, \w+\.|\]?$)/g, '')
    .replaceAll(/in (the precondition|record) \([^)]*\)/g, 'in $1');
}

/** Each once, without its time: a real server repeats some causes. */
function sorted(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const texts = value.map((one: unknown) =>
    JSON.stringify(isMap(one) ? { ...one, time: undefined } : one),
  );
  return [...new Set(texts)].sort().map((text): unknown => JSON.parse(text));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
