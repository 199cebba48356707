/**
 * Checks of the whole world rather than of one write: who leads, who is healthy, and whether everything has converged.
 */
import type { ApiObject } from '../../../../simulator/objects/api-object.ts';
import { MINUTE_MS } from '../../../support/values/builders.ts';
import { sumOf } from '../../../support/values/sum-of.ts';
import type { Deployment } from '../deployment.ts';
import { claimsOf, faultsIn, isServed } from '../model/desired-state.ts';
import { entriesIn } from './entry-change.ts';
import type { Oracle } from './oracle.ts';
import type { Pod } from '../pod.ts';
import { eligibilitiesIn, eligibleProfiles, isTerminating, standingOf } from '../model/policy.ts';
import type { Report } from '../violation.ts';
import { type World, isGoing, isOurs, removalsIn, secretOf } from '../world.ts';

interface Judged {
  readonly world: World;
  readonly deployment: Deployment;
  readonly oracle: Oracle;
  readonly isElected: boolean;
}

/** Health reports must be true within this time. */
export const TRUTH_MS = 2 * MINUTE_MS;
/** A minute of back-off, ten seconds of waiting for an answer, and a margin. */
const LONGEST_BACK_OFF_MS = 75_000;
/** Where a Secret has no live token and no person must act: 16 s at most (ADR 34), and a margin for a pass that waits. */
const LONGEST_SHORT_BACK_OFF_MS = 20_000;

/** What is reported to people if two profiles don't fit together. */
const STALLED_AS = [
  ['RegistryConflict', 'conflicting'],
  ['SecretTooLarge', 'tooLarge'],
] as const;

export class EndChecks {
  readonly #judged: Judged;
  readonly #report: Report;

  constructor(judged: Judged) {
    this.#judged = judged;
    this.#report = judged.oracle.report;
  }

  /** Everything has converged. */
  async end(): Promise<void> {
    const { world, deployment } = this.#judged;
    for (const what of faultsIn(world)) {
      this.#report({ invariant: 'I6', check: 'everything converges', what });
    }
    for (const pod of deployment.pods) await this.#health(pod);
    if (this.#leaders().length > 0) return;
    this.#report({ invariant: 'I6', check: 'a leader', what: 'nobody leads' });
  }

  /** Whatever is paused, late or lost: two processes never both believe that they lead. */
  leaders(): void {
    if (!this.#judged.isElected) return;
    const leaders = this.#leaders();
    if (leaders.length < 2) return;
    this.#report({ invariant: 'I7', check: 'one leader', what: leaders.join(' and ') });
  }

  /**
   * While a namespace waits for a token, ECR is called again and again, whatever it answers. `isPassing`: without
   * anybody's help, its answers will be right again.
   */
  persistence(isPassing: boolean): void {
    const { world, oracle } = this.#judged;
    for (const namespace of world.facts.namespaces()) {
      const secret = secretOf(namespace, world);
      const isWaiting = !isGoing(namespace, world) && isServed(namespace, world);
      if (!isWaiting || secret?.isImmutable === true) continue;
      const has = secret === undefined ? [] : entriesIn(secret);
      for (const { profile, identity } of claimsOf(namespace, world)) {
        const isMet = has.some(
          ({ item, token }) =>
            item.profile === profile &&
            token?.identity === identity &&
            token.expiresMs > world.nowMs,
        );
        const sinceMs = world.nowMs - oracle.lastMintMs(identity);
        const limitMs = isPassing ? LONGEST_SHORT_BACK_OFF_MS : LONGEST_BACK_OFF_MS;
        if (isMet || sinceMs <= limitMs) continue;
        const what = `nobody has called ECR for ${identity} for ${Math.round(sinceMs / 1000)} s`;
        this.#report({ invariant: 'I8', check: 'back-off', what });
      }
    }
  }

  /** No request has been answered for more than two minutes, and the process must report it. */
  outage(process: string, sinceMs: number): void {
    const { deployment, world } = this.#judged;
    const pod = deployment.pods.find(({ name }) => name === process);
    if (pod === undefined || pod.isPaused || pod.aliveSinceMs > sinceMs) return;
    if (world.nowMs - pod.lastReceivedMs <= TRUTH_MS) return;
    const isOddTime = pod.recentPauseMs > 0 || pod.skewMs !== 0;
    if (isOddTime || (pod.controller?.faults ?? []).length > 0) return;
    const what = `${process} reports that it is healthy`;
    this.#report({ invariant: 'I10', check: 'outage reported', what });
  }

  #leaders(): readonly string[] {
    const { pods } = this.#judged.deployment;
    return pods.filter(({ controller }) => controller?.isLeading === true).map(({ name }) => name);
  }

  /** Health and metrics tell the truth. */
  async #health({ controller, name }: Pod): Promise<void> {
    const { world } = this.#judged;
    const complain = (what: string): void =>
      this.#report({
        invariant: 'I10',
        check: 'true health and metrics',
        what: `${name}: ${what}`,
      });
    for (const fault of controller?.faults ?? ['does not run']) complain(fault);
    const state = await controller?.readState();
    if (state === undefined) return;
    // Namespaces that are being deleted don't count.
    const present = world.facts.namespaces().filter((one) => !isTerminating(one));
    const optedIn = present.filter((one) => standingOf(one, world.config) === 'in');
    const count = (what: string, expected: number, reported: number): void => {
      if (reported !== expected) complain(`reports ${reported} ${what} instead of ${expected}`);
    };
    count('namespaces', optedIn.length, state.managedNamespaces);
    const isHeldIn = (one: ApiObject): boolean => {
      const secret = secretOf(one, world);
      return secret !== undefined && isOurs(secret, { namespace: one, config: world.config });
    };
    const lacking = optedIn.filter((one) => lacksSecret(one, world));
    const foreign = optedIn.filter((one) => secretOf(one, world) !== undefined && !isHeldIn(one));
    const { byState } = state.secrets;
    const counted = present.filter(isHeldIn).length + lacking.length + foreign.length;
    count('states of Secrets', counted, sumOf(byState.values()));
    count('missing Secrets', lacking.length, byState.get('missing') ?? 0);
    const inTheWay = optedIn.filter((one) => {
      const isPresent = secretOf(one, world) !== undefined;
      return !isGoing(one, world) && isPresent && !isHeldIn(one);
    });
    for (const [reason, eligibility] of STALLED_AS) {
      const stalled = optedIn.filter((namespace) => {
        const isFree = secretOf(namespace, world) === undefined || isHeldIn(namespace);
        const listedProfiles = eligibilitiesIn({ namespace, config: world.config }, []);
        return (
          !isGoing(namespace, world) && isFree && [...listedProfiles.values()].includes(eligibility)
        );
      });
      count(`namespaces of ${reason}`, stalled.length, state.stalledNamespaces.get(reason) ?? 0);
    }
    const { pending, stuck, limit } = removalsIn(world);
    const retried = Math.min(stuck.length, Math.max(0, state.removalsPending - pending.length), 1);
    const expected = pending.length + retried;
    count('pending removals', expected, state.removalsPending);
    count('engaged brakes', Number(expected > limit), Number(state.isRemovalBrakeEngaged));
    count('foreign Secrets', inTheWay.length, state.stalledNamespaces.get('SecretNotOwned') ?? 0);
  }
}

/** It may use a profile and has nothing under our name. */
function lacksSecret(namespace: ApiObject, world: World): boolean {
  const { config } = world;
  return (
    secretOf(namespace, world) === undefined && eligibleProfiles({ namespace, config }).length > 0
  );
}
