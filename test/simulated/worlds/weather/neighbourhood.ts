/**
 * The course of a run in which some namespaces misbehave, and nothing else goes wrong. Now and then a healthy one comes,
 * or needs a repair, and must not notice; what is held up must be reported. In the end everything must be right.
 */
import { MINUTE_MS } from '../../../support/values/builders.ts';
import type { Assembly } from '../assembly.ts';
import { ENABLED, PROFILES } from '../model/policy.ts';
import { PULL_SECRET } from '../oracle/neighbour-checks.ts';
import type { Pass } from './course.ts';
import { MISBEHAVIOURS } from './webhooks.ts';

const WELL = ['well-0', 'well-1', 'well-2'] as const;
const LIFE_MS = 12 * MINUTE_MS;
/** Two seconds, and up to three hops of which each may take three more. */
const SERVED_MS = 12_000;
/** What a crowd of new namespaces may send before it is found to be slow goes first. */
const REQUESTS_BEFORE = 100;
/** Something must have been due for two minutes, and its report may take one more; plus slow hops. */
const TOLD_MS = 3 * MINUTE_MS + 15_000;
/** A process starts within 20 s and then lists everything. */
const STARTED_MS = 40_000;
const CALM_MS = 6 * MINUTE_MS;
const ACTS = 4;
/** How often the healthy ones are looked at. */
const LOOK_MS = 5_000;
const SHORT_LOOK_MS = 250;

export class Neighbourhood {
  readonly #parts: Assembly;
  readonly #pass: Pass;
  /** Those that were served at least once. */
  readonly #healthy: string[] = [];
  readonly #bad: readonly string[];
  #toldFromMs = 0;

  constructor(parts: Assembly, pass: Pass) {
    this.#parts = parts;
    this.#pass = pass;
    parts.ecr.lifeMs = LIFE_MS;
    this.#bad = Array.from({ length: parts.random.pick([2, 6, 20, 90]) }, (_, n) => `bad-${n}`);
  }

  async run(): Promise<void> {
    const { time, deployment, trace, webhooks, checks, oracle } = this.#parts;
    time.after(0, () => {
      WELL.forEach((name) => this.#optIn(name));
      deployment.begin();
    });
    await this.#pass(STARTED_MS + MINUTE_MS);
    this.#healthy.push(...WELL);
    trace(() => 'BAD NEIGHBOURS');
    this.#misbehave();
    for (let act = 0; act < ACTS; act += 1) await this.#act(act);

    trace(() => 'ALL IS WELL');
    webhooks.clear();
    await this.#live(CALM_MS);
    await checks.end();
    trace(() => 'QUIET');
    oracle.isQuiet = true;
    await this.#live(4 * MINUTE_MS);
    await checks.end();
  }

  /** They opt in at the same moment. */
  #misbehave(): void {
    const { random, webhooks, time } = this.#parts;
    const kind = random.pick(MISBEHAVIOURS);
    const kinds = [kind, random.chance(0.5) ? kind : random.pick(MISBEHAVIOURS)] as const;
    const isMutePossible = random.chance(0.3);
    for (const name of this.#bad) {
      webhooks.set(name, {
        does: random.pick(kinds),
        sees: random.pick(['secrets', 'secrets', 'serviceaccounts', 'both'] as const),
        isMute: isMutePossible && random.chance(0.5),
      });
      this.#optIn(name);
    }
    this.#toldFromMs = time.monotonicMs();
  }

  async #act(act: number): Promise<void> {
    const { random, deployment, people, neighbours, time } = this.#parts;
    if (random.chance(0.2)) {
      for (const name of deployment.names) deployment.restart(name);
      await this.#live(STARTED_MS);
      this.#toldFromMs = time.monotonicMs();
    }
    if (random.chance(0.3)) this.#rewrite(random.pick(this.#bad) ?? '');
    await this.#live(
      random.chance(act === 0 ? 0.7 : 0.3)
        ? random.between(0, 10_000)
        : random.between(0, 4 * MINUTE_MS),
    );
    const name = random.chance(0.5) ? `new-${act}` : random.pick(WELL);
    if (name.startsWith('new')) this.#optIn(name);
    else {
      people.do(`delete the Secret (${name})`, (kubectl) => {
        kubectl.delete({ ...PULL_SECRET, namespace: name });
      });
    }
    await this.#serve(name);
    if (time.monotonicMs() - this.#toldFromMs > TOLD_MS) await neighbours.told(this.#bad);
  }

  /** A tool that changes annotations all the time, for a minute. */
  #rewrite(namespace: string): void {
    const { people, random, time } = this.#parts;
    const everyMs = random.pick([200, 1_000]);
    const isOfProfiles = random.chance(0.5);
    for (let round = 0; round < MINUTE_MS / everyMs; round += 1) {
      time.after(round * everyMs, () =>
        people.do(`rewrite (${namespace})`, (kubectl) => {
          const other = isOfProfiles
            ? { [PROFILES]: round % 2 === 0 ? 'vault,default' : 'default' }
            : { 'example.com/round': String(round) };
          kubectl.annotate({ kind: 'Namespace', name: namespace }, other);
        }),
      );
    }
  }

  async #serve(name: string): Promise<void> {
    const { neighbours, oracle, budget } = this.#parts;
    const servedMs = SERVED_MS + (1_000 * REQUESTS_BEFORE) / budget.qps;
    for (let waitedMs = 0; !neighbours.isServed(name); waitedMs += SHORT_LOOK_MS) {
      if (waitedMs > servedMs) {
        neighbours.late(name, waitedMs);
        return;
      }
      await this.#pass(SHORT_LOOK_MS);
    }
    oracle.tally.newcomers += 1;
    if (!this.#healthy.includes(name)) this.#healthy.push(name);
  }

  async #live(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= LOOK_MS) {
      await this.#pass(Math.min(leftMs, LOOK_MS));
      this.#parts.neighbours.watch(this.#healthy);
    }
  }

  #optIn(name: string): void {
    const { people } = this.#parts;
    people.do(`opt in (${name})`, (kubectl) =>
      kubectl.createNamespace(name, { [ENABLED]: 'true' }),
    );
  }
}
