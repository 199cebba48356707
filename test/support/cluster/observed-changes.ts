/** All changes to Secrets and ServiceAccounts in the order in which they happened: their versions come from one counter. */
import type { AdminClient, KubeObject } from '../control-plane/admin-client.ts';

export interface ObservedChange {
  readonly kind: 'Secret' | 'ServiceAccount';
  readonly version: number;
  readonly isGone: boolean;
  readonly object: KubeObject;
}

const PATHS = {
  Secret: '/api/v1/secrets',
  ServiceAccount: '/api/v1/serviceaccounts',
} as const;
const KINDS = ['Secret', 'ServiceAccount'] as const;

export class ObservedChanges {
  readonly #changes: ObservedChange[] = [];
  readonly #abort = new AbortController();
  readonly #watching: Promise<void>[] = [];
  #startVersion = 0;

  /** An existing object counts as created at its version. */
  static async start(admin: AdminClient): Promise<ObservedChanges> {
    const observed = new ObservedChanges();
    for (const kind of KINDS) {
      const list = await admin.get(PATHS[kind]);
      for (const item of list['items'] as readonly KubeObject[]) observed.#add(kind, item, false);
      const version = list.metadata.resourceVersion ?? '';
      observed.#startVersion = Math.max(observed.#startVersion, Number(version));
      observed.#watching.push(observed.#follow(admin, kind, version));
    }
    return observed;
  }

  /** The version of the lists at the start. */
  get startVersion(): number {
    return this.#startVersion;
  }

  /** The changes up to now, oldest first. */
  get inOrder(): readonly ObservedChange[] {
    return [...this.#changes].sort((a, b) => a.version - b.version);
  }

  /** Throws if a watch had ended before. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#watching);
  }

  async #follow(admin: AdminClient, kind: ObservedChange['kind'], version: string): Promise<void> {
    const path = `${PATHS[kind]}?resourceVersion=${version}`;
    for await (const { type, object } of admin.watch(path, this.#abort.signal)) {
      if (type === 'ERROR') throw new Error(`watching ${kind}: ${JSON.stringify(object)}`);
      this.#add(kind, object, type === 'DELETED');
    }
    if (!this.#abort.signal.aborted) throw new Error(`watching ${kind}: the watch has ended`);
  }

  #add(kind: ObservedChange['kind'], object: KubeObject, isGone: boolean): void {
    const version = Number(object.metadata.resourceVersion);
    this.#changes.push({ kind, version, isGone, object });
  }
}
