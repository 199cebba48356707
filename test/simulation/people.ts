/** The people of a simulated cluster, and their tools: everything that they do to it, drawn from the seed. */
import { ApiFailure } from '../../src/simulator/api-failure.ts';
import type { Kubectl } from '../../src/simulator/kubectl.ts';
import { AccountDeeds } from './account-deeds.ts';
import { TEAM, TIER } from './config-model.ts';
import {
  BAD_ACCOUNTS,
  BAD_ENABLED,
  BAD_PROFILES,
  ENABLED,
  PROFILES,
  REQUESTED,
  SERVICE_ACCOUNTS,
} from './policy.ts';
import type { RandomStream } from './random-stream.ts';
import { SecretDeeds } from './secret-deeds.ts';

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
  readonly #accounts: AccountDeeds;
  readonly #secrets: SecretDeeds;
  #requests = 0;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
    const { kubectl, random, nowMs } = parts;
    const accounts = new AccountDeeds(kubectl, random);
    const secrets = new SecretDeeds(kubectl, random, nowMs);
    this.#accounts = accounts;
    this.#secrets = secrets;
    this.#deeds = [
      [6, 'create namespace', (name) => this.#createNamespace(name)],
      [2, 'delete namespace', (name) => this.#deleteNamespace(name)],
      [2, 'recreate namespace', (name) => this.#recreateNamespace(name)],
      [8, 'opt in', (name) => this.#annotate(name, { [ENABLED]: 'true' })],
      [4, 'opt out', (name) => this.#annotate(name, { [ENABLED]: 'false' })],
      [3, 'say nothing of opting in', (name) => this.#annotate(name, { [ENABLED]: null })],
      [2, 'annotate badly', (name) => this.#annotate(name, this.#badAnnotations())],
      [2, 'mend annotations', (name) => this.#mend(name)],
      [7, 'ask for profiles', (name) => this.#annotate(name, { [PROFILES]: this.#profiles() })],
      [2, 'take a profile off the list', (name) => this.#dropProfile(name)],
      [3, 'list accounts', (name) => this.#annotate(name, { [SERVICE_ACCOUNTS]: this.#list() })],
      [7, 'change labels', (name) => this.#label(name)],
      [5, 'request a refresh', (name) => this.#request(name)],
      [5, 'create an account', (name) => accounts.create(name)],
      [2, 'delete an account', (name) => accounts.delete(name)],
      [7, 'edit an account', (name) => accounts.edit(name)],
      [3, 'annotate an account', (name) => accounts.annotate(name)],
      [6, 'delete the Secret', (name) => secrets.delete(name)],
      [10, 'tamper with the Secret', (name) => secrets.tamper(name)],
      [2, 'put a foreign Secret there', (name) => secrets.replace(name)],
      [1, 'hold the Secret', (name) => secrets.hold(name, ['example.com/hold'])],
      [1, 'let the Secret go', (name) => secrets.hold(name, [])],
      [2, 'back up and restore', (name) => secrets.restore(name)],
      [2, 'fight over an account', (name) => this.#fightOverAccount(name)],
      [2, 'fight over the Secret', (name) => this.#fightOverSecret(name)],
    ];
  }

  /** What the server refuses does not happen. */
  do(what: string, deed: (kubectl: Kubectl) => void): void {
    const { act, trace, kubectl } = this.#parts;
    try {
      act(() => deed(kubectl));
      trace(() => `people ${what}`);
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      trace(() => `people ${what}: ${error.message}`);
    }
  }

  /** Each namespace is there from the start with that probability. */
  settle(probability: number): void {
    for (const name of NAMESPACES) {
      if (!this.#parts.random.chance(probability)) continue;
      this.do(`create namespace (${name})`, () => this.#createNamespace(name));
    }
  }

  /** Something at random, in that namespace or in any. */
  doSomething(namespace = this.#parts.random.pick(NAMESPACES)): void {
    const total = this.#deeds.reduce((sum, [weight]) => sum + weight, 0);
    let roll = this.#parts.random.next() * total;
    for (const [weight, name, deed] of this.#deeds) {
      roll -= weight;
      if (roll >= 0) continue;
      this.do(`${name} (${namespace ?? ''})`, () => deed(namespace ?? ''));
      return;
    }
  }

  /** Most are opted in from the start. */
  #createNamespace(name: string): void {
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
      this.do(`last wishes (${namespace})`, () => {
        this.#createNamespace(namespace);
        if (this.#parts.random.chance(0.5)) this.#accounts.create(namespace);
        if (this.#parts.random.chance(0.3)) this.#secrets.delete(namespace);
        if (this.#parts.random.chance(0.3)) this.#request(namespace);
      });
    }
  }

  /** Everywhere at once, as after news of a leak. */
  requestEverywhere(): void {
    for (const namespace of NAMESPACES) {
      this.do(`request a refresh (${namespace})`, () => this.#request(namespace));
    }
  }

  /** Whoever names several goes without one of them. */
  dropProfiles(): void {
    this.#some('take a profile off the list', (name) => this.#dropProfile(name));
  }

  annotateBadly(): void {
    this.#some('annotate badly', (name) => this.#annotate(name, this.#badAnnotations()));
  }

  mend(): void {
    this.#some('mend annotations', (name) => this.#mend(name));
  }

  /** The label that opens profiles is taken off everywhere. */
  leaveTeam(): void {
    for (const name of NAMESPACES) {
      this.do(`leave the team (${name})`, (kubectl) => {
        kubectl.patch({ kind: 'Namespace', name }, { metadata: { labels: { [TEAM]: null } } });
      });
    }
  }

  #some(what: string, deed: Deed): void {
    for (const name of NAMESPACES) {
      if (this.#parts.random.chance(0.5)) this.do(`${what} (${name})`, () => deed(name));
    }
  }

  #annotate(name: string, annotations: Readonly<Record<string, string | null>>): void {
    this.#parts.kubectl.annotate({ kind: 'Namespace', name }, annotations);
  }

  /** Where the rest can be read, it often says something new, which counts for nothing. */
  #badAnnotations(): Readonly<Record<string, string | null>> {
    const { random } = this.#parts;
    const list = random.pick(LISTS);
    return random.pick<Readonly<Record<string, string | null>>>([
      { [ENABLED]: BAD_ENABLED },
      { [ENABLED]: BAD_ENABLED, [PROFILES]: list },
      { [PROFILES]: BAD_PROFILES },
      { [PROFILES]: `${list},${BAD_PROFILES}` },
      { [SERVICE_ACCOUNTS]: BAD_ACCOUNTS },
      { [SERVICE_ACCOUNTS]: BAD_ACCOUNTS, [PROFILES]: list },
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
      this.do(`recreate namespace (${name})`, () => this.#createNamespace(name));
    });
  }

  #fightOverAccount(namespace: string): void {
    this.#fight(namespace, () => this.#accounts.dropEntry(namespace, 'default'));
  }

  #fightOverSecret(namespace: string): void {
    const isDeleter = this.#parts.random.chance(0.3);
    const patch = this.#secrets.drawTampering();
    this.#fight(namespace, () => {
      if (isDeleter) this.#secrets.delete(namespace);
      else this.#secrets.tamper(namespace, patch);
    });
  }

  /** A tool that does the same again every ten seconds for a while. */
  #fight(namespace: string, blow: () => void): void {
    const rounds = 3 + this.#parts.random.below(13);
    for (let round = 0; round < rounds; round += 1) {
      this.#parts.later(round * 10_000, () => this.do(`fight (${namespace})`, blow));
    }
  }
}
