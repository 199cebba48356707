/** What goes wrong in a run, when, and for how long: drawn from the seed. */
import { MINUTE_MS } from '../../../support/values/builders.ts';
import { IDENTITIES } from '../model/config-model.ts';
import type { Deployment } from '../deployment.ts';
import type { HopRequest } from '../network/hop-request.ts';
import { NAMESPACES, type People } from '../people/people.ts';
import type { RandomStream } from '../random-stream.ts';
import type { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import type { ApiCondition, EcrCondition, Weather } from './weather.ts';

/** What may happen in this run at all: a seed with everything would hide what a single fault does. */
export interface Flavour {
  readonly jumps: boolean;
  readonly withheld: boolean;
  readonly crashes: boolean;
  readonly troubleEveryMs: number;
  readonly actionEveryMs: number;
}

export function drawFlavour(random: RandomStream): Flavour {
  return {
    jumps: random.chance(0.1),
    withheld: random.chance(0.15),
    crashes: random.chance(0.7),
    troubleEveryMs: random.between(20_000, 120_000),
    actionEveryMs: random.between(8_000, 40_000),
  };
}

interface ChaosParts {
  readonly flavour: Flavour;
  readonly time: VirtualClock;
  readonly random: RandomStream;
  readonly weather: Weather;
  readonly deployment: Deployment;
  readonly people: People;
  readonly compact: () => void;
  /** Lets a policy refuse removals there; returns a function that ends it. */
  readonly refuseIn: (names: readonly string[]) => () => void;
  /** Removes or restores the permission to watch. */
  readonly setWatchRight: (isGranted: boolean) => void;
  readonly trace: (line: () => string) => void;
  readonly onOutage: (process: string, sinceMs: number) => void;
}

const API_CONDITIONS: readonly ApiCondition[] = [
  'slow',
  'errors',
  'errors',
  'lossy',
  'lossy',
  'down',
  'blackhole',
  'silent',
  'lag',
  'lag',
  'conflicts',
  'stale',
  'stale',
  'denied',
];
const ECR_CONDITIONS: readonly EcrCondition[] = [
  'throttled',
  'refused',
  'junk',
  'hanging',
  'hanging',
  'slowEcr',
  'oddExpiry',
];
/** A health check may take this long to notice an outage. */
const TRUTH_MS = 2 * MINUTE_MS;

export class Chaos {
  readonly #parts: ChaosParts;
  readonly #endings = new Set<() => void>();
  #isOver = true;

  constructor(parts: ChaosParts) {
    this.#parts = parts;
  }

  begin(): void {
    const { flavour, people } = this.#parts;
    this.#isOver = false;
    this.#again(flavour.troubleEveryMs, () => this.#trouble());
    this.#again(flavour.actionEveryMs, () => people.doSomething());
  }

  /** Everything that was broken works again, from now on. */
  end(): void {
    this.#isOver = true;
    for (const ending of this.#endings) ending();
    this.#parts.deployment.setRight();
  }

  /** The moment at which a fault hurts a process most. */
  writeSent(hop: HopRequest): void {
    if (this.#isOver) return;
    const { random, time, deployment, people, flavour } = this.#parts;
    if (flavour.crashes && random.chance(0.02)) {
      time.after(random.between(0, 8), () => deployment.crash(hop.process));
    }
    const namespace = /^\/api\/v1\/namespaces\/([^/]+)\//.exec(hop.path)?.[1];
    if (!random.chance(0.06)) return;
    time.after(random.between(0, 8), () => {
      if (!this.#isOver) people.doSomething(namespace);
    });
  }

  #again(everyMs: number, act: () => void): void {
    const { time, random } = this.#parts;
    time.after(random.between(0, 2 * everyMs), () => {
      if (this.#isOver) return;
      act();
      this.#again(everyMs, act);
    });
  }

  #trouble(): void {
    const { random, flavour } = this.#parts;
    const roll = random.next();
    if (roll < 0.36) return this.#weather(random.pick(API_CONDITIONS) ?? 'slow');
    if (roll < 0.58) return this.#weatherOfEcr(random.pick(ECR_CONDITIONS) ?? 'hanging');
    if (roll < 0.67) return this.#blow();
    if (roll < 0.8) return this.#administer();
    if (flavour.withheld && roll < 0.85) return this.#weather('withhold');
    if (flavour.jumps && roll < 0.9) return this.#jump();
    if (flavour.crashes) return this.#hurt();
  }

  #weather(kind: ApiCondition): void {
    const { random, weather, time, deployment, trace } = this.#parts;
    const process = random.chance(0.5) ? undefined : random.pick(deployment.names);
    const isOfOneWatch = ['silent', 'withhold', 'lag'].includes(kind) && random.chance(0.6);
    const resource = isOfOneWatch
      ? random.pick(['namespaces', 'serviceaccounts', 'secrets'])
      : undefined;
    const lengthMs = random.chance(0.3)
      ? random.between(60_000, 300_000)
      : random.between(0, 60_000);
    trace(
      () => `weather ${kind} ${process ?? 'all'} ${resource ?? ''} for ${Math.round(lengthMs)} ms`,
    );
    const end = weather.begin({ kind, process, resource });
    const sinceMs = time.monotonicMs();
    if (kind === 'down' || kind === 'denied') deployment.cutWatches(process, {});
    if (kind === 'denied') this.#parts.setWatchRight(false);
    if (kind === 'withhold') deployment.eventsWithheld();
    this.#until(lengthMs, () => {
      if (['down', 'blackhole'].includes(kind) && time.monotonicMs() - sinceMs > TRUTH_MS + 5_000) {
        for (const name of process === undefined ? deployment.names : [process]) {
          this.#parts.onOutage(name, sinceMs);
        }
      }
      end();
      if (kind === 'denied' && !weather.has('denied')) this.#parts.setWatchRight(true);
      trace(() => `weather ${kind} is over`);
    });
  }

  /** For all callers, or for those of one identity. */
  #weatherOfEcr(kind: EcrCondition): void {
    const { random, weather, trace } = this.#parts;
    const resource = random.chance(0.3) ? undefined : random.pick(IDENTITIES);
    const lengthMs = random.chance(0.4)
      ? random.between(60_000, 600_000)
      : random.between(0, 60_000);
    trace(() => `weather ${kind} for ${resource ?? 'all'} for ${Math.round(lengthMs)} ms`);
    const end = weather.begin({ kind, resource });
    this.#until(lengthMs, () => {
      end();
      trace(() => `weather ${kind} is over`);
    });
  }

  /** Faults without a duration. */
  #blow(): void {
    const { random, deployment, compact, trace } = this.#parts;
    const process = random.chance(0.5) ? undefined : random.pick(deployment.names);
    const how = random.pick([
      'cut',
      'cut within a line',
      'junk',
      'compaction',
      'cut and compaction',
    ]);
    trace(() => `blow: ${how} ${process ?? 'all'}`);
    if (how !== 'compaction') {
      const midLine = how === 'cut within a line';
      deployment.cutWatches(process, { midLine, junk: how === 'junk' });
    }
    if (how.endsWith('compaction')) compact();
  }

  #administer(): void {
    const { random, deployment, refuseIn } = this.#parts;
    if (random.chance(0.77)) return deployment.editConfig();
    const end = refuseIn(NAMESPACES.filter(() => random.chance(0.4)));
    this.#until(random.between(60_000, 600_000), end);
  }

  #hurt(): void {
    const { random, deployment } = this.#parts;
    const name = random.pick(deployment.names);
    if (name === undefined) return;
    const roll = random.next();
    if (roll < 0.4) return deployment.crash(name);
    if (roll < 0.6) return deployment.restart(name);
    if (roll < 0.7) return deployment.surge();
    deployment.pause(name);
    this.#until(random.between(1_000, 90_000), () => deployment.resume(name));
  }

  /** One machine's clock is set wrong, and later right again. */
  #jump(): void {
    const { random, deployment } = this.#parts;
    const name = random.pick(deployment.names);
    if (name === undefined) return;
    const sizeMs = random.pick([2_000, MINUTE_MS, 20 * MINUTE_MS, 60 * MINUTE_MS]);
    deployment.setClock(name, random.chance(0.5) ? sizeMs : -sizeMs);
    this.#until(random.between(10_000, 20 * MINUTE_MS), () => deployment.setClock(name, 0));
  }

  /** `end` runs after that time, or when all faults end. */
  #until(lengthMs: number, end: () => void): void {
    const once = (): void => {
      if (this.#endings.delete(once)) end();
    };
    this.#endings.add(once);
    this.#parts.time.after(lengthMs, once);
  }
}
