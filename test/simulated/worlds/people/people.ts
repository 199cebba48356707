/** The people of a simulated cluster, and their tools: everything that they do to it, drawn from the seed. */
import { ApiFailure } from '../../../../simulator/objects/api-failure.ts';
import type { Kubectl } from '../../../../simulator/kubectl.ts';
import { AccountActions } from './account-actions.ts';
import { NamespaceActions } from './namespace-actions.ts';
import type { RandomStream } from '../random-stream.ts';
import { SecretActions } from './secret-actions.ts';

export const NAMESPACES = ['team-a', 'team-b', 'team-c', 'auto-d', 'other-e'] as const;

interface PeopleParts {
  readonly kubectl: Kubectl;
  readonly random: RandomStream;
  readonly nowMs: () => number;
  readonly trace: (line: () => string) => void;
  /** Attributes the changes to people. */
  readonly act: (action: () => void) => void;
  readonly later: (delayMs: number, action: () => void) => void;
}

type Action = (namespace: string) => void;

export class People {
  readonly namespaces: NamespaceActions;
  readonly #parts: PeopleParts;
  readonly #actions: readonly (readonly [weight: number, name: string, action: Action])[];
  readonly #accounts: AccountActions;
  readonly #secrets: SecretActions;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
    const { kubectl, random, nowMs } = parts;
    const namespaces = new NamespaceActions(kubectl, random);
    const accounts = new AccountActions(kubectl, random);
    const secrets = new SecretActions(kubectl, random, nowMs);
    this.namespaces = namespaces;
    this.#accounts = accounts;
    this.#secrets = secrets;
    this.#actions = [
      [6, 'create namespace', namespaces.create],
      [2, 'delete namespace', namespaces.delete],
      [2, 'recreate namespace', (name) => this.#recreateNamespace(name)],
      [8, 'opt in', (name) => namespaces.enable(name, 'true')],
      [4, 'opt out', (name) => namespaces.enable(name, 'false')],
      [3, 'remove the opt-in annotation', (name) => namespaces.enable(name, null)],
      [2, 'annotate badly', namespaces.annotateBadly],
      [2, 'fix annotations', namespaces.fix],
      [7, 'ask for profiles', namespaces.askForProfiles],
      [2, 'take a profile off the list', namespaces.dropProfile],
      [3, 'list accounts', namespaces.listAccounts],
      [7, 'change labels', namespaces.changeLabels],
      [5, 'request a refresh', namespaces.request],
      [5, 'create an account', (name) => accounts.create(name)],
      [2, 'delete an account', (name) => accounts.delete(name)],
      [7, 'edit an account', (name) => accounts.edit(name)],
      [3, 'annotate an account', (name) => accounts.annotate(name)],
      [6, 'delete the Secret', (name) => secrets.delete(name)],
      [10, 'tamper with the Secret', (name) => secrets.tamper(name)],
      [2, 'replace the Secret by a foreign one', (name) => secrets.replace(name)],
      [1, 'hold the Secret', (name) => secrets.hold(name, ['example.com/hold'])],
      [1, 'let the Secret go', (name) => secrets.hold(name, [])],
      [2, 'back up and restore', (name) => secrets.restore(name)],
      [3, 'copy the Secret', (name) => secrets.copyTo(name, NAMESPACES)],
      [2, 'fight over an account', (name) => this.#fightOverAccount(name)],
      [3, 'fight over the stamp', (name) => this.#fightOverStamp(name)],
      [2, 'fight over the Secret', (name) => this.#fightOverSecret(name)],
    ];
  }

  /** If the server refuses it, it does not happen. */
  do(what: string, action: (kubectl: Kubectl) => void): void {
    const { act, trace, kubectl } = this.#parts;
    try {
      act(() => action(kubectl));
      trace(() => `people ${what}`);
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      trace(() => `people ${what}: ${error.message}`);
    }
  }

  /** At once, in each namespace with that probability. */
  everywhere(what: string, action: Action, probability = 1): void {
    for (const name of NAMESPACES) {
      if (probability < 1 && !this.#parts.random.chance(probability)) continue;
      this.do(`${what} (${name})`, () => action(name));
    }
  }

  /** Something at random, in that namespace or in any. */
  doSomething(namespace: string = this.#parts.random.pick(NAMESPACES)): void {
    const total = this.#actions.reduce((sum, [weight]) => sum + weight, 0);
    let roll = this.#parts.random.next() * total;
    for (const [weight, name, action] of this.#actions) {
      roll -= weight;
      if (roll >= 0) continue;
      this.do(`${name} (${namespace})`, () => action(namespace));
      return;
    }
  }

  /** Just before the faults end: actions whose effect every namespace needs. */
  finalActions(): void {
    const { random } = this.#parts;
    this.everywhere('final action', (name) => {
      this.namespaces.create(name);
      if (random.chance(0.5)) this.#accounts.create(name);
      if (random.chance(0.3)) this.#secrets.delete(name);
      if (random.chance(0.3)) this.namespaces.request(name);
    });
  }

  #recreateNamespace(name: string): void {
    const { create, delete: remove } = this.namespaces;
    remove(name);
    const delayMs = this.#parts.random.between(51, 500);
    this.#parts.later(delayMs, () => this.do(`recreate namespace (${name})`, () => create(name)));
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

  /** Somebody opts out and wants to keep the Secret. */
  #fightOverStamp(namespace: string): void {
    if (this.#parts.random.chance(0.5)) this.namespaces.enable(namespace, 'false');
    this.#fight(namespace, () => this.#secrets.undoStamp(namespace), 2_000);
  }

  /** A tool that does the same again and again for a while. */
  #fight(namespace: string, blow: () => void, everyMs = 10_000): void {
    const rounds = (3 + this.#parts.random.below(13)) * (10_000 / everyMs);
    for (let round = 0; round < rounds; round += 1) {
      this.#parts.later(round * everyMs, () => this.do(`fight (${namespace})`, blow));
    }
  }
}
