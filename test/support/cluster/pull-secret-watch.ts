/**
 * What every pull secret with a given name really holds at any time: its content from a watch, its tokens' expiry from
 * the fake AWS that issued them. Never from our own annotations.
 */
import type { AdminClient, KubeObject } from '../control-plane/admin-client.ts';
import type { FakeAws } from '../aws/fake-aws.ts';
import { tokensIn } from './opted-in.ts';

export interface SeenSecret {
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly tokenNumber: number;
  /** According to AWS. */
  readonly expiresAt: Date;
  /** When this content was first seen. */
  readonly seenAt: Date;
}

export class PullSecretWatch {
  readonly #admin: AdminClient;
  readonly #aws: FakeAws;
  readonly #path: string;
  readonly #secrets = new Map<string, SeenSecret>();
  readonly #misshapen: string[] = [];
  readonly #abort = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  private constructor(admin: AdminClient, aws: FakeAws, secretName: string) {
    this.#admin = admin;
    this.#aws = aws;
    this.#path = `/api/v1/secrets?fieldSelector=${encodeURIComponent(`metadata.name=${secretName}`)}`;
  }

  /** Every token in these Secrets must come from this fake AWS, whose `tokenLifeMs` must not change. */
  static async start(
    admin: AdminClient,
    aws: FakeAws,
    secretName: string,
  ): Promise<PullSecretWatch> {
    const watch = new PullSecretWatch(admin, aws, secretName);
    const list = await admin.get(watch.#path);
    for (const item of list['items'] as readonly KubeObject[]) watch.#keep(item);
    watch.#watching = watch.#follow(list.metadata.resourceVersion ?? '');
    return watch;
  }

  get secrets(): readonly SeenSecret[] {
    return [...this.#secrets.values()];
  }

  /** Contents since the start that no kubelet could use. */
  get misshapen(): readonly string[] {
    return this.#misshapen;
  }

  of(namespace: string): SeenSecret | undefined {
    return this.#secrets.get(namespace);
  }

  /** Whether the server's list equals what the watch has reported: proves that nothing was missed. */
  async agrees(): Promise<boolean> {
    const items = await this.#admin.list(this.#path);
    return (
      items.length === this.#secrets.size &&
      items.every(
        ({ metadata }) =>
          this.#secrets.get(metadata.namespace ?? '')?.resourceVersion === metadata.resourceVersion,
      )
    );
  }

  /** Throws if the watch had ended before. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#watching;
  }

  async #follow(resourceVersion: string): Promise<void> {
    const path = `${this.#path}&resourceVersion=${resourceVersion}`;
    for await (const { type, object } of this.#admin.watch(path, this.#abort.signal)) {
      if (type === 'DELETED') this.#secrets.delete(object.metadata.namespace ?? '');
      else if (type === 'ADDED' || type === 'MODIFIED') this.#keep(object);
      else throw new Error(`watching pull secrets: ${JSON.stringify(object)}`);
    }
    if (!this.#abort.signal.aborted) throw new Error('watching pull secrets: the watch has ended');
  }

  #keep(object: KubeObject): void {
    const { namespace = '', uid = '', resourceVersion = '' } = object.metadata;
    const tokenNumber = readTokenNumber(object);
    if (tokenNumber === undefined) this.#misshapen.push(`${namespace} at ${resourceVersion}`);
    this.#secrets.set(namespace, {
      namespace,
      uid,
      resourceVersion,
      tokenNumber: tokenNumber ?? 0,
      expiresAt: this.#expiryOf(tokenNumber ?? 0),
      seenAt: new Date(),
    });
  }

  /** From the `number`-th good answer; a token that AWS never issued counts as expired. */
  #expiryOf(number: number): Date {
    const good = this.#aws.calls.filter(({ service, mode }) => service === 'ecr' && mode === 'ok');
    const given = good[number - 1];
    return new Date((given?.at.getTime() ?? 0) + (given === undefined ? 0 : this.#aws.tokenLifeMs));
  }
}

/** The number of the token under every registry; `undefined` if no kubelet could use the Secret. */
function readTokenNumber(object: KubeObject): number | undefined {
  try {
    const numbers = Object.values(tokensIn(object));
    return new Set(numbers).size === 1 ? numbers[0] : undefined;
  } catch {
    return undefined;
  }
}
