/** The people of a simulated cluster, and their tools: everything that they do to it, drawn from the seed. */
import type { ApiObject } from '../../src/simulator/api-object.ts';
import { ApiFailure } from '../../src/simulator/api-failure.ts';
import type { Kubectl } from '../../src/simulator/kubectl.ts';
import { HOUR_MS } from '../support/builders.ts';
import { TEAM, TIER } from './config-model.ts';
import {
  ATTACH,
  BAD_ACCOUNTS,
  BAD_ATTACH,
  BAD_ENABLED,
  BAD_PROFILES,
  ENABLED,
  PROFILES,
  REQUESTED,
  SECRET_NAME,
  SERVICE_ACCOUNTS,
} from './policy.ts';
import { EPOCH_MS } from './process-clock.ts';
import type { RandomStream } from './random-stream.ts';
import { DUE_AT, entriesOf } from './secret-facts.ts';

export const NAMESPACES = ['team-a', 'team-b', 'team-c', 'auto-d', 'other-e'];
/** The order says who keeps a host that two of them want. */
const LISTS = [
  'default,team',
  'team,default',
  'default,vault',
  'vault, team',
  'shared,team',
  'shared,default',
  'default,shared,vault',
  'default,team,shared,vault',
  'vault,team,default,vault',
  'default,unknown',
  'default,vast,vault',
  'team,vault,unknown',
] as const;
const ACCOUNTS = ['default', 'app', 'ci'];

interface PeopleParts {
  readonly kubectl: Kubectl;
  readonly random: RandomStream;
  readonly nowMs: () => number;
  readonly trace: (line: () => string) => void;
  /** What they do counts as theirs. */
  readonly act: (deed: () => void) => void;
  readonly later: (delayMs: number, deed: () => void) => void;
}

type Deed = (namespace: string) => void;

export class People {
  readonly #parts: PeopleParts;
  readonly #deeds: readonly (readonly [weight: number, name: string, deed: Deed])[];
  /** What `kubectl get -o yaml` once gave, for a later restore. */
  readonly #backups = new Map<string, ApiObject>();
  #requests = 0;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
    this.#deeds = [
      [6, 'create namespace', (name) => this.createNamespace(name)],
      [2, 'delete namespace', (name) => this.#deleteNamespace(name)],
      [2, 'recreate namespace', (name) => this.#recreateNamespace(name)],
      [8, 'opt in', (name) => this.#annotate(name, { [ENABLED]: 'true' })],
      [4, 'opt out', (name) => this.#annotate(name, { [ENABLED]: 'false' })],
      [3, 'say nothing of opting in', (name) => this.#annotate(name, { [ENABLED]: null })],
      [1, 'annotate badly', (name) => this.#annotate(name, this.#badAnnotation())],
      [2, 'mend annotations', (name) => this.#mend(name)],
      [7, 'ask for profiles', (name) => this.#annotate(name, { [PROFILES]: this.#profiles() })],
      [2, 'take a profile off the list', (name) => this.#dropProfile(name)],
      [3, 'list accounts', (name) => this.#annotate(name, { [SERVICE_ACCOUNTS]: this.#list() })],
      [7, 'change labels', (name) => this.#label(name)],
      [5, 'request a refresh', (name) => this.#request(name)],
      [5, 'create an account', (name) => this.#createAccount(name)],
      [2, 'delete an account', (name) => this.#deleteAccount(name)],
      [7, 'edit an account', (name) => this.#editAccount(name)],
      [3, 'annotate an account', (name) => this.#annotateAccount(name)],
      [6, 'delete the Secret', (name) => this.#deleteSecret(name)],
      [10, 'tamper with the Secret', (name) => this.#tamper(name)],
      [2, 'put a foreign Secret there', (name) => this.#replace(name)],
      [1, 'hold the Secret', (name) => this.#hold(name, ['example.com/hold'])],
      [1, 'let the Secret go', (name) => this.#hold(name, [])],
      [2, 'back up and restore', (name) => this.#restore(name)],
      [
        2,
        'fight over an account',
        (name) => this.#fight(name, () => this.#dropEntry(name, 'default')),
      ],
      [1, 'fight over the Secret', (name) => this.#fight(name, () => this.#tamper(name))],
    ];
  }

  /** Something at random, in that namespace or in any. */
  doSomething(namespace = this.#parts.random.pick(NAMESPACES)): void {
    const total = this.#deeds.reduce((sum, [weight]) => sum + weight, 0);
    let roll = this.#parts.random.next() * total;
    for (const [weight, name, deed] of this.#deeds) {
      roll -= weight;
      if (roll >= 0) continue;
      this.#try(`${name} (${namespace ?? ''})`, () => deed(namespace ?? ''));
      return;
    }
  }

  /** Most are opted in from the start. */
  createNamespace(name: string): void {
    const { kubectl, random } = this.#parts;
    if (kubectl.get({ kind: 'Namespace', name }) !== undefined) return;
    const annotations: Record<string, string> = {};
    if (random.chance(0.7)) annotations[ENABLED] = 'true';
    const profiles = random.chance(0.75) ? this.#profiles() : null;
    if (profiles !== null) annotations[PROFILES] = profiles;
    const labels: Record<string, string> = {};
    if (random.chance(0.6)) labels[TEAM] = 'yes';
    if (random.chance(0.3)) labels[TIER] = 'gold';
    kubectl.createNamespace(name, annotations, labels);
  }

  /** Just before the faults end: deeds of whose effect nobody may be deprived. */
  lastWishes(): void {
    for (const namespace of NAMESPACES) {
      this.#try(`last wishes (${namespace})`, () => {
        this.createNamespace(namespace);
        if (this.#parts.random.chance(0.5)) this.#createAccount(namespace);
        if (this.#parts.random.chance(0.3)) this.#deleteSecret(namespace);
        if (this.#parts.random.chance(0.3)) this.#request(namespace);
      });
    }
  }

  /** Everywhere at once, as after news of a leak. */
  requestEverywhere(): void {
    for (const namespace of NAMESPACES) {
      this.#try(`request a refresh (${namespace})`, () => this.#request(namespace));
    }
  }

  /** The label that opens profiles is taken off everywhere. */
  leaveTeam(): void {
    const { kubectl } = this.#parts;
    for (const name of NAMESPACES) {
      this.#try(`leave the team (${name})`, () => {
        kubectl.patch({ kind: 'Namespace', name }, { metadata: { labels: { [TEAM]: null } } });
      });
    }
  }

  #try(name: string, deed: () => void): void {
    const { act, trace } = this.#parts;
    try {
      act(deed);
      trace(() => `people ${name}`);
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      trace(() => `people ${name}: ${error.message}`);
    }
  }

  #annotate(name: string, annotations: Readonly<Record<string, string | null>>): void {
    this.#parts.kubectl.annotate({ kind: 'Namespace', name }, annotations);
  }

  #badAnnotation(): Readonly<Record<string, string>> {
    return this.#parts.random.pick<Readonly<Record<string, string>>>([
      { [ENABLED]: BAD_ENABLED },
      { [PROFILES]: BAD_PROFILES },
      { [SERVICE_ACCOUNTS]: BAD_ACCOUNTS },
    ]);
  }

  #mend(name: string): void {
    this.#annotate(name, { [ENABLED]: 'true', [PROFILES]: null, [SERVICE_ACCOUNTS]: null });
  }

  #profiles(): string | null {
    const { random } = this.#parts;
    return random.chance(0.8)
      ? random.pick(LISTS)
      : random.pick(['team', 'shared', 'vault', 'default', null, 'unknown']);
  }

  #dropProfile(name: string): void {
    const { kubectl, random } = this.#parts;
    const listed = kubectl.get({ kind: 'Namespace', name })?.metadata.annotations?.[PROFILES];
    const names = listed?.split(',') ?? [];
    if (names.length < 2) return;
    const left = random.chance(0.5) ? names.slice(1) : names.slice(0, -1);
    this.#annotate(name, { [PROFILES]: left.join(',') });
  }

  #list(): string | null {
    return this.#parts.random.pick(['*', 'none', 'app', 'app,default', null]);
  }

  #label(name: string): void {
    const { kubectl, random } = this.#parts;
    const labels = random.pick([
      { [TEAM]: 'yes' },
      { [TEAM]: null },
      { [TIER]: 'gold' },
      { [TIER]: null },
    ]);
    kubectl.patch({ kind: 'Namespace', name }, { metadata: { labels } });
  }

  #request(name: string): void {
    this.#requests += 1;
    this.#annotate(name, { [REQUESTED]: String(this.#requests) });
  }

  #deleteNamespace(name: string): void {
    this.#parts.kubectl.delete({ kind: 'Namespace', name });
  }

  #recreateNamespace(name: string): void {
    this.#deleteNamespace(name);
    const delayMs = this.#parts.random.between(51, 500);
    this.#parts.later(delayMs, () => {
      this.#try(`recreate namespace (${name})`, () => this.createNamespace(name));
    });
  }

  #createAccount(namespace: string): void {
    const { kubectl, random } = this.#parts;
    const name = random.pick(ACCOUNTS) ?? '';
    if (kubectl.get({ kind: 'ServiceAccount', namespace, name }) !== undefined) return;
    const content = random.chance(0.3) ? { imagePullSecrets: [{ name: 'mine' }] } : {};
    kubectl.createServiceAccount(namespace, name, content);
  }

  #deleteAccount(namespace: string): void {
    this.#parts.kubectl.delete({ kind: 'ServiceAccount', namespace, name: this.#account() });
  }

  #account(): string {
    return this.#parts.random.pick(ACCOUNTS) ?? '';
  }

  /** Entries of others come and go; ours is dropped or doubled. */
  #editAccount(namespace: string): void {
    const name = this.#account();
    const { random, kubectl } = this.#parts;
    const account = kubectl.get({ kind: 'ServiceAccount', namespace, name });
    if (account === undefined) return;
    const entries = entriesOf(account);
    const next = random.pick<readonly string[]>([
      [...entries, `extra-${random.below(3)}`],
      ['first', ...entries],
      entries.filter((entry) => entry === SECRET_NAME),
      entries.filter((entry) => entry !== SECRET_NAME),
      [...entries, SECRET_NAME],
      [],
    ]);
    this.#setEntries(namespace, name, next);
  }

  #dropEntry(namespace: string, name: string): void {
    const account = this.#parts.kubectl.get({ kind: 'ServiceAccount', namespace, name });
    if (account === undefined) return;
    const kept = entriesOf(account).filter((entry) => entry !== SECRET_NAME);
    this.#setEntries(namespace, name, kept);
  }

  #setEntries(namespace: string, name: string, entries: readonly string[]): void {
    const imagePullSecrets = entries.map((entry) => ({ name: entry }));
    this.#parts.kubectl.patch({ kind: 'ServiceAccount', namespace, name }, { imagePullSecrets });
  }

  #annotateAccount(namespace: string): void {
    const { random, kubectl } = this.#parts;
    const value = random.pick(['true', 'false', null, null, BAD_ATTACH]);
    const target = { kind: 'ServiceAccount', namespace, name: this.#account() } as const;
    kubectl.annotate(target, { [ATTACH]: value });
  }

  #deleteSecret(namespace: string): void {
    this.#parts.kubectl.delete({ kind: 'Secret', namespace, name: SECRET_NAME });
  }

  #tamper(namespace: string): void {
    const { random, kubectl, nowMs } = this.#parts;
    const target = { kind: 'Secret', namespace, name: SECRET_NAME } as const;
    if (kubectl.get(target) === undefined) return;
    const inMs = (ms: number): string => new Date(EPOCH_MS + nowMs() + ms).toISOString();
    const annotate = (annotations: Readonly<Record<string, string>>) => ({
      metadata: { annotations },
    });
    const patch = random.pick<Readonly<Record<string, unknown>>>([
      { data: { '.dockerconfigjson': btoa('{"auths":{}}') } },
      { data: { extra: btoa('more') } },
      annotate({ 'ecr-pull-secrets.io/expires-at': inMs(8760 * HOUR_MS) }),
      annotate({ 'ecr-pull-secrets.io/tokens': '[]' }),
      annotate({ 'ecr-pull-secrets.io/tokens': 'no list' }),
      annotate({ 'ecr-pull-secrets.io/config-hash': 'forged' }),
      annotate({ [DUE_AT]: inMs(-HOUR_MS) }),
      annotate({ [DUE_AT]: inMs(100 * HOUR_MS) }),
      annotate({ [DUE_AT]: `team=${inMs(-HOUR_MS)},default=${inMs(HOUR_MS)}` }),
      { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } },
      { metadata: { labels: { 'app.kubernetes.io/instance': 'another' } } },
      { metadata: { managedFields: [{}] } },
      ...(random.chance(0.2) ? [{ immutable: true }] : []),
    ]);
    kubectl.patch(target, patch ?? {});
  }

  #hold(namespace: string, finalizers: readonly string[]): void {
    const target = { kind: 'Secret', namespace, name: SECRET_NAME } as const;
    this.#parts.kubectl.patch(target, { metadata: { finalizers } });
  }

  /** Of another type, or of the right one without a label. */
  #replace(namespace: string): void {
    const { kubectl, random } = this.#parts;
    if (kubectl.get({ kind: 'Secret', namespace, name: SECRET_NAME }) !== undefined) {
      this.#deleteSecret(namespace);
    }
    const data = { '.dockerconfigjson': btoa('{"auths":{"example.com":{"auth":"eA=="}}}') };
    const content = random.chance(0.5)
      ? { type: 'kubernetes.io/dockerconfigjson', data }
      : { type: 'Opaque', data: { some: btoa('thing') } };
    kubectl.createSecret(namespace, SECRET_NAME, content);
  }

  /** As backup tools do it: with labels and annotations, without the owners of fields. */
  #restore(namespace: string): void {
    const { kubectl } = this.#parts;
    const live = kubectl.get({ kind: 'Secret', namespace, name: SECRET_NAME });
    const backup = this.#backups.get(namespace);
    if (backup === undefined) {
      if (live !== undefined) this.#backups.set(namespace, live);
      return;
    }
    if (live !== undefined) this.#deleteSecret(namespace);
    const { labels = {}, annotations = {} } = backup.metadata;
    const data = backup['data'] as Readonly<Record<string, string>>;
    const type = String(backup['type']);
    kubectl.createSecret(namespace, SECRET_NAME, { type, data, labels, annotations });
    this.#backups.delete(namespace);
  }

  /** A tool that does the same again every ten seconds for a while. */
  #fight(namespace: string, blow: () => void): void {
    const rounds = 3 + this.#parts.random.below(10);
    for (let round = 0; round < rounds; round += 1) {
      this.#parts.later(round * 10_000, () => this.#try(`fight (${namespace})`, blow));
    }
  }
}
