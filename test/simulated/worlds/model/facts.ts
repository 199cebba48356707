/** The whole past of a simulated cluster, as far as the oracle needs it. */
import type { ApiObject } from '../../../../simulator/objects/api-object.ts';
import type { ConfigModel } from './config-model.ts';
import type { Change } from '../history.ts';
import { Timeline } from '../timeline.ts';

type Presence = Timeline<ApiObject | undefined>;

export class Facts {
  readonly configs: Timeline<ConfigModel>;
  /** The namespaces in which a policy refuses every change of a ServiceAccount and the deletion of Secrets. */
  readonly policies = new Timeline<ReadonlySet<string>>(new Set());
  readonly #namespaces = new Map<string, Presence>();
  /** By namespace, then by name. */
  readonly #accounts = new Map<string, Map<string, Presence>>();
  readonly #secrets = new Map<string, Presence>();

  constructor(config: ConfigModel) {
    this.configs = new Timeline(config);
  }

  changed({ resource, type, object }: Change, atMs: number): void {
    const { namespace = '', name } = object.metadata;
    const present = type === 'DELETED' ? undefined : object;
    if (resource === 'namespaces') this.namespace(name).set(atMs, present);
    if (resource === 'secrets' && name === 'ecr-pull-secret') {
      this.secret(namespace).set(atMs, present);
    }
    if (resource === 'serviceaccounts') this.account(namespace, name).set(atMs, present);
  }

  namespace(name: string): Presence {
    return entry(this.#namespaces, name, absent);
  }

  account(namespace: string, name: string): Presence {
    return entry(this.#accountsIn(namespace), name, absent);
  }

  /** Those with our name. */
  secret(namespace: string): Presence {
    return entry(this.#secrets, namespace, absent);
  }

  /** The namespaces that exist now. */
  namespaces(): readonly ApiObject[] {
    return [...this.#namespaces.values()].flatMap(({ now }) => now ?? []);
  }

  /** With their history. */
  accounts(namespace: string): Iterable<readonly [string, Presence]> {
    return this.#accountsIn(namespace);
  }

  #accountsIn(namespace: string): Map<string, Presence> {
    return entry(this.#accounts, namespace, () => new Map<string, Presence>());
  }
}

function absent(): Presence {
  return new Timeline<ApiObject | undefined>(undefined);
}

function entry<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
