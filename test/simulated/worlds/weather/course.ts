/**
 * The usual course of a run: chaos first, then calm while ECR may still be broken, then everything works and must
 * converge, then an hour in which nothing happens and nothing may be written.
 */
import { MINUTE_MS } from '../../../support/values/builders.ts';
import type { Assembly } from '../assembly.ts';
import { IDENTITIES } from '../model/config-model.ts';
import { overstaying, unattached, unmetClaims } from '../model/desired-state.ts';
import { TRUTH_MS } from '../oracle/end-checks.ts';
import { isBrakeOn } from '../world.ts';

/**
 * After this much calm, everything that does not depend on AWS must be right again: the longest pauses of all loops,
 * one after another.
 */
const CALM_MS = 6 * MINUTE_MS;
/** In this last part of the calm, whether ECR is still called is checked again and again. */
const LOOKS_MS = MINUTE_MS;
const LOOK_EVERY_MS = 6_000;
/**
 * A changed configuration reaches a process within a minute; a process whose repairs were undone three times by then
 * writes a minute later.
 */
const NEWS_MS = 2 * MINUTE_MS;
/** The fallback of a watch from which events are withheld. */
const RELIST_MS = 32 * MINUTE_MS;

/** Lets that much time pass. */
export type Pass = (ms: number) => Promise<void>;

interface BrokenEcr {
  readonly isFor: (identity: string) => boolean;
  /** No person is needed. */
  readonly isPassing: boolean;
  readonly fix: () => void;
}

export class Course {
  readonly #parts: Assembly;
  readonly #pass: Pass;

  constructor(parts: Assembly, pass: Pass) {
    this.#parts = parts;
    this.#pass = pass;
  }

  async run(): Promise<void> {
    await this.#chaos();
    const fix = await this.#calm();

    const { trace, checks, oracle, random, facts, isElected } = this.#parts;
    trace(() => 'ALL IS WELL');
    fix();
    await this.#pass(CALM_MS + 2 * facts.configs.now.graceMs);
    await checks.end();

    trace(() => 'QUIET');
    oracle.isQuiet = true;
    oracle.wasBraked = isBrakeOn(this.#parts.world);
    await this.#pass(random.chance(0.25) && !isElected ? 65 * MINUTE_MS : 10 * MINUTE_MS);
    // What kept the brake on may just have expired: the others are reconciled again once a minute.
    if (oracle.wasBraked && !isBrakeOn(this.#parts.world)) await this.#pass(TRUTH_MS);
    await checks.end();
  }

  async #chaos(): Promise<void> {
    const { random, time, people, deployment, chaos, large, isElected } = this.#parts;
    time.after(0, () => {
      people.everywhere('create namespace', people.namespaces.create, 0.7);
      deployment.begin();
      chaos.begin();
      large.begin();
    });
    // Two competing processes are busy every other second: their runs are shorter, or they would cost as much as ten
    // others.
    const chaosMinutes = isElected ? random.between(3, 10) : random.between(8, 32);
    await this.#pass(chaosMinutes * MINUTE_MS);
  }

  /** Returns a function that fixes ECR. */
  async #calm(): Promise<() => void> {
    const parts = this.#parts;
    const { random, time, people, deployment, chaos, oracle, checks, trace } = parts;
    const { isElected } = parts;
    trace(() => 'CALM');
    parts.large.end();
    people.finalActions();
    parts.arePeopleDone = true;
    chaos.end();
    const broken = this.#breakEcr();
    const calmMs = time.monotonicMs();
    const wasWithheld = deployment.withheldMs > calmMs - RELIST_MS;
    const graceMs = random.chance(0.7) ? await this.#stir() : 0;
    await this.#pass(CALM_MS + graceMs + (wasWithheld ? RELIST_MS : 0) - LOOKS_MS);
    // A pause shows only while it lasts.
    for (let passedMs = 0; passedMs < LOOKS_MS; passedMs += LOOK_EVERY_MS) {
      await this.#pass(LOOK_EVERY_MS);
      checks.persistence(broken.isPassing);
    }
    const { world } = parts;
    for (const what of unattached(world)) {
      oracle.report({ invariant: 'I6', check: 'attaching does not wait for AWS', what });
    }
    for (const what of overstaying(world)) {
      oracle.report({ invariant: 'I5', check: 'withdrawing does not wait for AWS', what });
    }
    for (const what of unmetClaims(world, (identity) => !broken.isFor(identity))) {
      oracle.report({
        invariant: 'I6',
        check: 'a failing identity does not affect the others',
        what,
      });
    }
    // If only one of two processes has the new configuration, each undoes what the other does.
    const newsMs = calmMs + (deployment.names.length > 1 && !isElected ? NEWS_MS : 0);
    const settledMs = wasWithheld ? time.monotonicMs() - CALM_MS : newsMs;
    // One mint may replace a lost token, one is for the request at the beginning, and one is spare for two that race.
    const rotations = (time.monotonicMs() - settledMs) / this.#rotationMs;
    oracle.checkMints(settledMs, 3 + Math.ceil(rotations));
    return broken.fix;
  }

  /** For no identity, for one, or for all. */
  #breakEcr(): BrokenEcr {
    const { random, trace, weather } = this.#parts;
    if (random.chance(0.4)) return { isFor: () => false, isPassing: true, fix: () => undefined };
    const kind = random.pick(['hanging', 'hanging', 'refused', 'throttled'] as const);
    const resource = random.chance(0.3) ? undefined : random.pick(IDENTITIES);
    trace(() => `weather ${kind} for ${resource ?? 'all'} until the calm ends`);
    const fix = weather.begin({ kind, resource });
    const isFor = (identity: string): boolean => resource === undefined || identity === resource;
    return { isFor, isPassing: kind !== 'refused', fix };
  }

  /**
   * New processes, which have no token, a profile that is taken away, and then a need for new tokens: what can't be
   * minted must be carried over. Returns how long a withdrawn entry may stay.
   */
  async #stir(): Promise<number> {
    const { random, deployment, people, facts } = this.#parts;
    if (random.chance(0.6)) deployment.takeProfileAway();
    if (random.chance(0.3)) people.everywhere('leave the team', people.namespaces.leaveTeam);
    for (const name of deployment.names) deployment.restart(name);
    await this.#pass(MINUTE_MS);
    people.everywhere('request a refresh', people.namespaces.request);
    return facts.configs.now.graceMs;
  }

  /** How long a token is good enough, at least. */
  get #rotationMs(): number {
    const { ecr, facts } = this.#parts;
    return ecr.lifeMs * facts.configs.now.atLifetimeFraction;
  }
}
