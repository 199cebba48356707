/** The namespaces of an end-to-end test and the installation for them, in either RBAC mode. */
import { parseDocument } from 'yaml';
import type { AdminClient, KubeObject } from '../control-plane/admin-client.ts';
import { eventually } from '../suite/eventually.ts';
import { install } from './install-chart.ts';
import { rbacMode } from '../suite/rbac-mode.ts';

const NAMESPACES = '/api/v1/namespaces';

export class Stage {
  readonly #admin: AdminClient;
  /** With `rbac.mode: namespaces`: the namespaces configured for the controller, with a Role in each. */
  readonly #only: readonly string[] | undefined;
  readonly #made = new Set<string>();

  private constructor(admin: AdminClient, only: readonly string[] | undefined) {
    this.#admin = admin;
    this.#only = only;
  }

  /**
   * Installs the product. Under Roles all namespaces must be named: they are created at once, so that each has its Role
   * before the controller starts.
   */
  static async set(admin: AdminClient, namespaces: readonly string[] | undefined): Promise<Stage> {
    if (rbacMode() === 'named') {
      await install(admin);
      return new Stage(admin, undefined);
    }
    if (namespaces === undefined) throw new Error('running under Roles: no namespaces are named');
    const stage = new Stage(admin, namespaces);
    await Promise.all(namespaces.map(async (name) => stage.#make(name, {})));
    await install(admin, { namespaces });
    return stage;
  }

  get names(): readonly string[] {
    return [...this.#made];
  }

  /** Creates the namespace; under Roles it exists already and gets its labels and annotations. */
  async namespace(name: string, metadata: Partial<KubeObject['metadata']>): Promise<void> {
    if (this.#only === undefined) return this.#make(name, metadata);
    if (!this.#only.includes(name)) {
      throw new Error(`creating ${name}: it has no Role: add it to the test's namespaces`);
    }
    await this.#admin.mergePatch(`${NAMESPACES}/${name}`, { metadata });
  }

  /** A configuration file, limited to the namespaces that have a Role. */
  scoped(config: string | undefined): string | undefined {
    if (this.#only === undefined) return config;
    const document = parseDocument(config ?? '');
    document.setIn(['namespaces', 'only'], this.#only);
    return document.toString();
  }

  /** A namespace with this name may still be terminating, from a previous test. */
  async #make(name: string, metadata: Partial<KubeObject['metadata']>): Promise<void> {
    this.#made.add(name);
    await eventually({ what: `room for the namespace ${name}`, limitMs: 30_000 }, async () => {
      const before = await this.#admin.find(`${NAMESPACES}/${name}`);
      return before?.metadata.deletionTimestamp === undefined;
    });
    await this.#admin.create(NAMESPACES, { metadata: { ...metadata, name } });
  }
}
