/** What people do to ServiceAccounts. */
import type { Kubectl } from '../../../../simulator/kubectl.ts';
import { ATTACH, BAD_ATTACH, SECRET_NAME } from '../model/policy.ts';
import type { RandomStream } from '../random-stream.ts';
import { entriesOf } from '../model/secret-facts.ts';

const ACCOUNTS = ['default', 'app', 'ci'] as const;

export class AccountActions {
  readonly #kubectl: Kubectl;
  readonly #random: RandomStream;

  constructor(kubectl: Kubectl, random: RandomStream) {
    this.#kubectl = kubectl;
    this.#random = random;
  }

  create(namespace: string): void {
    const name = this.#random.pick(ACCOUNTS);
    if (this.#kubectl.get({ kind: 'ServiceAccount', namespace, name }) !== undefined) return;
    const content = this.#random.chance(0.3) ? { imagePullSecrets: [{ name: 'mine' }] } : {};
    this.#kubectl.createServiceAccount(namespace, name, content);
  }

  delete(namespace: string): void {
    const name = this.#random.pick(ACCOUNTS);
    this.#kubectl.delete({ kind: 'ServiceAccount', namespace, name });
  }

  /** References of others come and go; ours is removed or duplicated. */
  edit(namespace: string): void {
    const name = this.#random.pick(ACCOUNTS);
    this.#change(namespace, name, (entries) =>
      this.#random.pick<readonly string[]>([
        [...entries, `extra-${this.#random.below(3)}`],
        ['first', ...entries],
        entries.filter((entry) => entry === SECRET_NAME),
        entries.filter((entry) => entry !== SECRET_NAME),
        [...entries, SECRET_NAME],
        [],
      ]),
    );
  }

  dropEntry(namespace: string, name: string): void {
    this.#change(namespace, name, (entries) => entries.filter((entry) => entry !== SECRET_NAME));
  }

  annotate(namespace: string): void {
    const value = this.#random.pick(['true', 'false', null, null, BAD_ATTACH]);
    const name = this.#random.pick(ACCOUNTS);
    this.#kubectl.annotate({ kind: 'ServiceAccount', namespace, name }, { [ATTACH]: value });
  }

  #change(
    namespace: string,
    name: string,
    next: (entries: readonly string[]) => readonly string[],
  ): void {
    const target = { kind: 'ServiceAccount', namespace, name } as const;
    const account = this.#kubectl.get(target);
    if (account === undefined) return;
    const imagePullSecrets = next(entriesOf(account)).map((entry) => ({ name: entry }));
    this.#kubectl.patch(target, { imagePullSecrets });
  }
}
