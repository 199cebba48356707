/** What every chapter of the contract works with: a client, and its own namespaces. */
import { ContractClient, type KubeObject } from './contract-client.ts';
import type { ServerUnderTest } from './server-under-test.ts';

const LOOK_EVERY_MS = 100;

export class ContractWorld {
  readonly server: ServerUnderTest;
  readonly client: ContractClient;
  readonly #run: string;
  #names = 0;

  constructor(server: ServerUnderTest) {
    this.server = server;
    this.client = new ContractClient(server.wire);
    this.#run = Date.now().toString(36);
  }

  /** A name that nothing else on the server has; later names sort after it, in the server's order. */
  newName(): string {
    this.#names += 1;
    return `contract-${this.#run}-${String(this.#names).padStart(4, '0')}`;
  }

  async newNamespace(): Promise<string> {
    const name = this.newName();
    const { status } = await this.client.post('/api/v1/namespaces', namespaceOf(name));
    if (status !== 201) throw new Error(`creating a namespace: ${status}`);
    return name;
  }

  /** A namespace in which Pods can be created. */
  async newHome(): Promise<string> {
    const home = `/api/v1/namespaces/${await this.newNamespace()}`;
    const account = `${home}/serviceaccounts/default`;
    await this.until(async () => (await this.client.get(account)).status === 200);
    return home;
  }

  /** Where the controller lists and watches Secrets: all of them, or those of this namespace. */
  secretsAround(namespace: string): string {
    const everywhere = '/api/v1/secrets';
    return this.server.scope === 'cluster' ? everywhere : `/api/v1/namespaces/${namespace}/secrets`;
  }

  /** Checks again and again while time passes. */
  async until(isSo: () => Promise<boolean>, limitMs = 30_000): Promise<void> {
    for (let passedMs = 0; passedMs < limitMs; passedMs += LOOK_EVERY_MS) {
      if (await isSo()) return;
      await this.server.passTime(LOOK_EVERY_MS);
    }
    throw new Error(`waiting: not within ${limitMs} ms`);
  }

  /** The version of the newest change on the server. */
  async currentVersion(): Promise<string> {
    const { body } = await this.client.get('/api/v1/namespaces?limit=1');
    return body.metadata.resourceVersion;
  }
}

export function namespaceOf(name: string): unknown {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** A pull secret as an apply sends it; `token` varies the content. */
export function pullSecretOf(
  name: string,
  token: string,
  metadata: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const config = JSON.stringify({ auths: { 'registry.example': { auth: token } } });
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: { l: '1' }, annotations: { a: '1' }, ...metadata },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
  };
}

export function opaqueSecretOf(name: string): unknown {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { key: 'value' } };
}

/** The field owners, without times: `[manager, operation, fields]`. */
export function ownersOf({ metadata }: KubeObject): readonly unknown[] {
  return (metadata.managedFields ?? []).map(({ manager, operation, fieldsV1 }) => [
    manager,
    operation,
    fieldsV1,
  ]);
}

interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** What a refusal says about single fields. */
export function causesOf(body: KubeObject): readonly Cause[] {
  return (body['details'] as { readonly causes?: readonly Cause[] }).causes ?? [];
}

export function namesOf({ items = [] }: KubeObject): readonly string[] {
  return items.map(({ metadata }) => metadata.name);
}
