/** Namespaces and pull secrets as tests see them: what tenants write, and what they get. */
import { eventually } from '../suite/eventually.ts';
import { tokenNumberOf } from '../../../simulator/aws/token-password.ts';
import type { AdminClient, KubeObject } from '../control-plane/admin-client.ts';

export const ENABLED = { 'ecr-pull-secrets.io/enabled': 'true' } as const;
export const SECRET_NAME = 'ecr-pull-secret';

/** The full annotation key for a short name in our contract. */
export function annotationKey(name: string): string {
  return `ecr-pull-secrets.io/${name}`;
}

type Notes = Readonly<Record<string, string | null>>;

/** Annotations for metadata, from short names; `null` in a patch removes one. */
export function ourAnnotations(notes: Notes): Readonly<Record<string, string>> {
  const pairs = Object.entries(notes).map(([name, value]) => [annotationKey(name), value]);
  return Object.fromEntries(pairs) as Readonly<Record<string, string>>;
}

/** The value of one of our annotations on an object. */
export function noteOf({ metadata }: KubeObject, name: string): string | undefined {
  return metadata.annotations?.[annotationKey(name)];
}

export function secretPath(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/secrets/${SECRET_NAME}`;
}

export function accountPath(namespace: string, name = 'default'): string {
  return `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
}

export function referencesOf(
  account: Readonly<Record<string, unknown>> | undefined,
): readonly string[] {
  const references = (account?.['imagePullSecrets'] ?? []) as readonly { readonly name: string }[];
  return references.map(({ name }) => name);
}

/** Maps each host to the number of the fake's token. Throws an Error if the kubelet could not use the Secret. */
export function tokensIn(secret: KubeObject): Readonly<Record<string, number>> {
  if (secret['type'] !== 'kubernetes.io/dockerconfigjson') throw new Error('reading: wrong type');
  const data = secret['data'] as Readonly<Record<string, string>>;
  if (Object.keys(data).join() !== '.dockerconfigjson') throw new Error('reading: other data');
  const text = Buffer.from(data['.dockerconfigjson'] ?? '', 'base64').toString();
  const { auths } = JSON.parse(text) as { auths: Readonly<Record<string, { auth: string }>> };
  const numbers = Object.entries(auths).map(([host, { auth }]) => {
    const [user, password = ''] = Buffer.from(auth, 'base64').toString().split(':');
    const number = tokenNumberOf(password);
    if (user !== 'AWS' || number === undefined) throw new Error(`reading ${host}: no token`);
    return [host, number] as const;
  });
  return Object.fromEntries(numbers);
}

export interface EventText {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** Acts as the tenants of namespaces: writes what they write, reads what they get. */
export class Tenants {
  readonly admin: AdminClient;

  constructor(admin: AdminClient) {
    this.admin = admin;
  }

  async annotate(namespace: string, notes: Notes): Promise<void> {
    const annotations = ourAnnotations(notes);
    await this.admin.mergePatch(`/api/v1/namespaces/${namespace}`, { metadata: { annotations } });
  }

  async makeAccount(
    namespace: string,
    name: string,
    references: readonly string[] = [],
  ): Promise<void> {
    await this.admin.create(`/api/v1/namespaces/${namespace}/serviceaccounts`, {
      metadata: { name },
      imagePullSecrets: references.map((reference) => ({ name: reference })),
    });
  }

  /** Replaces the references of the `default` ServiceAccount. */
  async setReferences(namespace: string, references: readonly string[]): Promise<void> {
    const imagePullSecrets = references.map((name) => ({ name }));
    await this.admin.mergePatch(accountPath(namespace), { imagePullSecrets });
  }

  /** The references of a ServiceAccount, in order; empty if there are none, or no such ServiceAccount. */
  async references(namespace: string, name = 'default'): Promise<readonly string[]> {
    return referencesOf(await this.admin.find(accountPath(namespace, name)));
  }

  async findSecret(namespace: string): Promise<KubeObject | undefined> {
    return this.admin.find(secretPath(namespace));
  }

  /** Throws an Error if there is none. */
  async secret(namespace: string): Promise<KubeObject> {
    return this.admin.get(secretPath(namespace));
  }

  async patchSecret(namespace: string, patch: object): Promise<KubeObject> {
    return this.admin.mergePatch(secretPath(namespace), patch);
  }

  async deleteSecret(namespace: string): Promise<void> {
    await this.admin.delete(secretPath(namespace));
  }

  /** See `tokensIn`. */
  async tokens(namespace: string): Promise<Readonly<Record<string, number>>> {
    return tokensIn(await this.secret(namespace));
  }

  /** All pull secrets with the default name, in any namespace. */
  async pullSecrets(): Promise<readonly KubeObject[]> {
    return this.admin.list(`/api/v1/secrets?fieldSelector=metadata.name=${SECRET_NAME}`);
  }

  /** The Events of a namespace as its tenants see them. */
  async events(namespace: string): Promise<readonly EventText[]> {
    const events = await this.admin.list(`/api/v1/namespaces/${namespace}/events`);
    return events.map((event) => event as unknown as EventText);
  }

  /** Waits until there is a pull secret and `default` references it once. */
  async untilReady(namespace: string, limitMs = 15_000): Promise<KubeObject> {
    return eventually({ what: `a pull secret in ${namespace}`, limitMs, everyMs: 20 }, async () => {
      const secret = await this.findSecret(namespace);
      const references = await this.references(namespace);
      const isAttached = references.filter((name) => name === SECRET_NAME).length === 1;
      return secret !== undefined && isAttached ? secret : undefined;
    });
  }

  async untilAllReady(namespaces: readonly string[], limitMs?: number): Promise<void> {
    await Promise.all(namespaces.map(async (name) => this.untilReady(name, limitMs)));
  }

  /** Waits until the pull secret meets the condition. */
  async untilSecret(
    namespace: string,
    what: string,
    isSo: (secret: KubeObject) => boolean,
    limitMs = 10_000,
  ): Promise<KubeObject> {
    return eventually({ what: `${what} in ${namespace}`, limitMs }, async () => {
      const secret = await this.findSecret(namespace);
      return secret !== undefined && isSo(secret) ? secret : undefined;
    });
  }

  /** Waits until there is no pull secret. */
  async untilRemoved(namespace: string, limitMs = 20_000): Promise<void> {
    await eventually({ what: `the removal in ${namespace}`, limitMs }, async () => {
      return (await this.findSecret(namespace)) === undefined;
    });
  }

  /** Waits until a ServiceAccount references our Secret, or no longer does. */
  async untilAttached(namespace: string, name: string, isWanted = true): Promise<void> {
    const what = `${namespace}/${name} to be ${isWanted ? 'attached' : 'detached'}`;
    await eventually({ what, limitMs: 10_000 }, async () => {
      return (await this.references(namespace, name)).includes(SECRET_NAME) === isWanted;
    });
  }

  /** Waits for an Event with this reason. */
  async untilEvent(namespace: string, reason: string, limitMs = 15_000): Promise<EventText> {
    const what = `the Event ${reason} in ${namespace}`;
    return eventually({ what, limitMs }, async () =>
      (await this.events(namespace)).find((event) => event.reason === reason),
    );
  }
}
