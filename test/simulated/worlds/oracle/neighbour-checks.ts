/** DESIGN.md 3, I11 and I12: what bad neighbours may cost the others, and what must not stay unsaid about them. */
import type { LogFields } from '../../../../src/base/log.ts';
import type { SimulatedCluster } from '../../../../simulator/simulated-cluster.ts';
import { SECRET_NAME } from '../../../support/values/builders.ts';
import { sumOf } from '../../../support/values/sum-of.ts';
import type { Deployment } from '../deployment.ts';
import { oursIn } from '../model/secret-facts.ts';
import type { Webhooks } from '../weather/webhooks.ts';
import { isOurs, secretOf, type World } from '../world.ts';
import { entriesIn } from './entry-change.ts';
import type { Oracle } from './oracle.ts';

interface Judged {
  readonly world: World;
  readonly oracle: Oracle;
  readonly deployment: Deployment;
  readonly webhooks: Webhooks;
  readonly simulator: SimulatedCluster;
}

/** DESIGN.md 4: at most so many slow writes are in flight. */
const SLOW_WRITES = 64;
const STALLED = 'namespace is stalled';
const RECOVERED = 'namespace has recovered';

export class NeighbourChecks {
  readonly #judged: Judged;
  /** What was logged as stalled and not as recovered, by process, namespace and reason. */
  readonly #stalled = new Set<string>();
  /** Reasons that any process has ever logged. */
  readonly #reasons = new Set<string>();

  constructor(judged: Judged) {
    this.#judged = judged;
  }

  /** To be called with each line of a log. */
  logged(process: string, message: string, { namespace, reason }: LogFields): void {
    if (message !== STALLED && message !== RECOVERED) return;
    const key = `${process} ${String(namespace)} ${String(reason)}`;
    if (message === STALLED) {
      this.#stalled.add(key);
      this.#reasons.add(String(reason));
      return;
    }
    if (!this.#stalled.delete(key)) this.#report('I12', 'recovered is said once', key);
    const isHeldUp = this.#judged.webhooks.of(String(namespace)) !== undefined;
    if (isHeldUp && !this.isServed(String(namespace))) {
      this.#report('I12', 'recovered is said when it is true', key);
    }
  }

  /** A namespace with a live token of ours and the reference. */
  isServed(name: string): boolean {
    const { world } = this.#judged;
    const { facts, config, nowMs } = world;
    const namespace = facts.namespace(name).now;
    const account = facts.account(name, 'default').now;
    if (namespace === undefined || account === undefined || oursIn(account) !== 1) return false;
    const secret = secretOf(namespace, world);
    if (secret === undefined || !isOurs(secret, { namespace, config })) return false;
    return entriesIn(secret).some(({ token }) => token !== undefined && token.expiresMs > nowMs);
  }

  /** To be called often. `healthy`: namespaces that have been served before. */
  watch(healthy: readonly string[]): void {
    for (const name of healthy) {
      if (!this.isServed(name)) this.#report('I11', 'no healthy token expires', name);
    }
    for (const process of this.#judged.deployment.names) {
      const count = this.#judged.webhooks.slowWritesOf(process);
      if (count <= SLOW_WRITES) continue;
      this.#report('I11', 'few slow writes', `${process} has ${count} in flight`);
    }
  }

  late(name: string, waitedMs: number): void {
    this.#report('I11', 'served in time', `${name} has waited for ${waitedMs} ms`);
  }

  /** What these namespaces should have has been due for three minutes: it must show as an Event, a metric and a log line. */
  async told(names: readonly string[]): Promise<void> {
    const unmet = names.filter((name) => !this.isServed(name));
    const reasons = this.#reasonsByNamespace();
    for (const name of unmet) {
      const told = reasons.get(name);
      if (told !== undefined) {
        const isLogged = [...told].some((reason) => this.#reasons.has(reason));
        if (!isLogged) this.#report('I12', 'logged', `${name}: ${[...told].join()}`);
      } else if (this.#judged.webhooks.of(name)?.isMute !== true) {
        this.#report('I12', 'an Event tells it', name);
      }
    }
    this.#judged.oracle.tally.untold += unmet.length;
    for (const { name, controller } of this.#judged.deployment.pods) {
      const state = await controller?.readState();
      const counted = sumOf(state?.stalledNamespaces.values() ?? []);
      if (counted >= unmet.length) continue;
      const what = `${name} counts ${counted} instead of ${unmet.length}`;
      this.#report('I12', 'a metric shows it', what);
    }
  }

  /** Of the warnings. */
  #reasonsByNamespace(): ReadonlyMap<string, ReadonlySet<string>> {
    const reasons = new Map<string, Set<string>>();
    for (const event of this.#judged.simulator.kubectl.list('Event')) {
      if (event['type'] !== 'Warning') continue;
      const { namespace = '' } = event.metadata;
      reasons.set(namespace, (reasons.get(namespace) ?? new Set()).add(String(event['reason'])));
    }
    return reasons;
  }

  #report(invariant: 'I11' | 'I12', check: string, what: string): void {
    this.#judged.oracle.report({ invariant, check, what });
  }
}

export const PULL_SECRET = { kind: 'Secret', name: SECRET_NAME } as const;
