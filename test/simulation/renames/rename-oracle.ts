/** Judges every change in a world in which Secrets are renamed, from the history of the cluster alone. */
import type { ApiObject } from '../../../src/simulator/api-object.ts';
import type { SimulatedWorld } from '../../support/simulated-world.ts';

type Change = SimulatedWorld['simulator']['changes'][number];

const MANAGER = 'ecr-pull-secrets';
const DUE = 'ecr-pull-secrets.io/removal-due-at';
/** What people have just done may not have been heard of when we sent what we sent. */
const UNHEARD_MS = 5_000;
/** Refused writes are tried again after up to a minute, several times over. */
const SHUT_OUT_MS = 4 * 60_000;

export class RenameOracle {
  readonly found: string[] = [];
  readonly #world: SimulatedWorld;
  readonly #names: readonly string[];
  readonly #objects = new Map<string, ApiObject>();
  /** By namespace: when people last did something in it. */
  readonly #touchedMs = new Map<string, number>();
  /** By ServiceAccount: since when it can pull with none of the live Secrets of ours beside it. */
  readonly #shutOutMs = new Map<string, number>();
  #seen = 0;

  constructor(world: SimulatedWorld, names: readonly string[]) {
    this.#world = world;
    this.#names = names;
  }

  /** All that has happened since the last call was done by us, or by the cluster itself. */
  catchUp(): void {
    for (const change of this.#news()) {
      if (change.type !== 'ADDED') this.#judge(change);
      this.#keep(change);
    }
    this.#judgeShutOut();
  }

  /** All that has happened since the last call was done by people. */
  sawPeople(): void {
    for (const change of this.#news()) {
      const { namespace, name } = change.object.metadata;
      this.#touchedMs.set(namespace ?? name, this.#nowMs);
      this.#keep(change);
    }
  }

  /** People take away what is not ours and has this name. */
  dropForeign(namespace: string, name: string): void {
    const secret = this.#objects.get(`secrets ${namespace}/${name}`);
    if (secret === undefined || isOurs(secret)) return;
    this.#world.kubectl.delete({ kind: 'Secret', namespace, name });
  }

  /** Today's Secret everywhere, and of the others only what is not ours, or dangles since people have deleted it. */
  judgeEnd(secretName: string): void {
    for (const [key, object] of this.#objects) {
      const { namespace = '', name } = object.metadata;
      const isIn = this.#isIn(namespace);
      if (key.startsWith('secrets ') && isOurs(object) && !(isIn && name === secretName)) {
        this.found.push(`${key} is still there`);
      }
      if (!key.startsWith('serviceaccounts ') || !isIn) continue;
      if (!this.#world.isLive(namespace, secretName)) this.found.push(`${namespace} can't pull`);
      const isAttached = entriesOf(object).includes(secretName);
      if (isAttached === isExcluded(object)) this.found.push(`${key}: ${entriesOf(object).join()}`);
    }
  }

  #judge(change: Change): void {
    const { resource, object, previous, key, type } = change;
    if (resource === 'secrets' && !isOurs(previous ?? object)) {
      this.found.push(`${type} ${key}, which is foreign`);
    }
    if (resource === 'serviceaccounts' && previous !== undefined) {
      const [before, after] = [previous, object].map((one) =>
        entriesOf(one).filter((entry) => !this.#names.includes(entry)),
      );
      if (before?.join() !== after?.join()) this.found.push(`${key}: entries of others changed`);
    }
    if (resource === 'secrets' && type === 'DELETED') this.#judgeDeletion(previous ?? object, key);
    this.#judgeGap(change);
  }

  #judgeDeletion(secret: ApiObject, key: string): void {
    const dueMs = Date.parse(secret.metadata.annotations?.[DUE] ?? '');
    if (!(dueMs <= this.#nowMs)) this.found.push(`${key} was deleted before its time`);
  }

  /** Whoever could pull before the change can pull after it. */
  #judgeGap(change: Change): void {
    const { namespace = '' } = change.object.metadata;
    const sinceMs = this.#nowMs - (this.#touchedMs.get(namespace) ?? -Infinity);
    if (!this.#isIn(namespace) || sinceMs < UNHEARD_MS) return;
    const before = this.#openAccounts(namespace);
    const after = this.#after(change, () => this.#openAccounts(namespace));
    for (const account of before) {
      if (after.has(account)) continue;
      this.found.push(`${change.type} ${change.key}: ${account} can't pull`);
    }
  }

  /** Whoever is new can pull while any live Secret of ours is there, whichever name it has. */
  #judgeShutOut(): void {
    for (const [key, account] of this.#objects) {
      const { namespace = '' } = account.metadata;
      const sinceMs = this.#shutOutMs.get(key) ?? this.#nowMs;
      if (!key.startsWith('serviceaccounts ') || !this.#isShutOut(namespace, key, account)) {
        this.#shutOutMs.delete(key);
        continue;
      }
      this.#shutOutMs.set(key, sinceMs);
      const quietMs = this.#nowMs - Math.max(sinceMs, this.#touchedMs.get(namespace) ?? -Infinity);
      if (quietMs > SHUT_OUT_MS) this.found.push(`${key} is shut out`);
    }
  }

  #isShutOut(namespace: string, key: string, account: ApiObject): boolean {
    return (
      this.#isIn(namespace) &&
      attachOf(account) !== 'perhaps' &&
      !isExcluded(account) &&
      !this.#openAccounts(namespace).has(key) &&
      this.#names.some((name) => {
        const secret = this.#objects.get(`secrets ${namespace}/${name}`);
        return secret !== undefined && isOurs(secret) && this.#world.holdsLiveToken(secret);
      })
    );
  }

  /** The ServiceAccounts that name a live Secret, but for those that are not to. */
  #openAccounts(namespace: string): ReadonlySet<string> {
    const open = [...this.#objects].filter(
      ([key, account]) =>
        key.startsWith(`serviceaccounts ${namespace}/`) &&
        !isExcluded(account) &&
        entriesOf(account).some((entry) =>
          this.#world.holdsLiveToken(this.#objects.get(`secrets ${namespace}/${entry}`)),
        ),
    );
    return new Set(open.map(([key]) => key));
  }

  #after<T>(change: Change, look: () => T): T {
    const key = keyOf(change);
    const present = this.#objects.get(key);
    this.#keep(change);
    const seen = look();
    if (present === undefined) this.#objects.delete(key);
    else this.#objects.set(key, present);
    return seen;
  }

  #isIn(namespace: string): boolean {
    const { annotations } = this.#objects.get(`namespaces ${namespace}`)?.metadata ?? {};
    return annotations?.['ecr-pull-secrets.io/enabled'] === 'true';
  }

  #keep(change: Change): void {
    if (change.type === 'DELETED') this.#objects.delete(keyOf(change));
    else this.#objects.set(keyOf(change), change.object);
  }

  #news(): readonly Change[] {
    const { changes } = this.#world.simulator;
    const news = changes.slice(this.#seen);
    this.#seen = changes.length;
    return news.filter(({ resource }) =>
      ['namespaces', 'serviceaccounts', 'secrets'].includes(resource),
    );
  }

  get #nowMs(): number {
    return this.#world.clock.now().getTime();
  }
}

function keyOf({ resource, key }: Change): string {
  return `${resource} ${key}`;
}

function isOurs({ metadata }: ApiObject): boolean {
  return (metadata.managedFields ?? []).some(
    (entry) => entry.manager === MANAGER && entry.operation === 'Apply',
  );
}

function isExcluded(account: ApiObject): boolean {
  return attachOf(account) === 'false';
}

function attachOf({ metadata }: ApiObject): string | undefined {
  return metadata.annotations?.['ecr-pull-secrets.io/attach'];
}

function entriesOf(account: ApiObject): readonly string[] {
  const entries = (account['imagePullSecrets'] ?? []) as readonly { readonly name: string }[];
  return entries.map(({ name }) => name);
}
