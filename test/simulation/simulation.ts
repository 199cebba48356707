/**
 * One run of a whole world from one seed: chaos first, then calm while ECR may still be broken, then everything works
 * and must come right, then an hour in which nothing happens and nothing may be done. See docs/adr/0015.
 */
import type { EngineParts } from '../../src/controller/engine.ts';
import type { AccessRule } from '../../src/simulator/access.ts';
import { SimulatedCluster } from '../../src/simulator/simulated-cluster.ts';
import { MINUTE_MS, SECRET_NAME } from '../support/builders.ts';
import { INSTALLED_AS, OUR_USER } from '../support/install.ts';
import { namespaceRules } from '../support/namespace-roles.ts';
import { Chaos, drawFlavour } from './chaos.ts';
import { type Budget, IDENTITIES, drawConfig, drawLifeMs } from './config-model.ts';
import { Deployment } from './deployment.ts';
import {
  type World,
  claimsOf,
  faultsIn,
  isBrakeOn,
  isOurs,
  isGoing,
  isServed,
  overstaying,
  secretOf,
  unattached,
  unmetClaims,
} from './desired-state.ts';
import { entriesIn } from './entry-change.ts';
import { Facts } from './facts.ts';
import { History } from './history.ts';
import { Oracle } from './oracle.ts';
import { NAMESPACES, People } from './people.ts';
import { type ConfigFileModel, Pod } from './pod.ts';
import { accessesIn, standingOf, isTerminating } from './policy.ts';
import { ProcessClock } from './process-clock.ts';
import { RandomStream } from './random-stream.ts';
import { Scheduler } from './scheduler.ts';
import { SimulatedEcr } from './simulated-ecr.ts';
import type { Tally } from './tally.ts';
import type { Violation } from './violation.ts';
import { WatchedLog } from './watched-log.ts';
import { Weather } from './weather.ts';

export interface SimulationOptions {
  readonly seed: number;
  /** The product's rights. */
  readonly rules: readonly AccessRule[];
  /** A fault of the program, to see that it is found. */
  readonly plant?: ((parts: EngineParts) => EngineParts) | undefined;
  /** Told what happens, line by line. */
  readonly onTrace?: ((line: string) => void) | undefined;
}

export interface SimulationResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly steps: number;
  /** How much virtual time passed. */
  readonly virtualMs: number;
  readonly tally: Tally;
}

/** Calm for so long, everything that is not AWS's fault is right again: the longest pauses of all loops, one after another. */
const CALM_MS = 6 * MINUTE_MS;
/** Health tells the truth within this. */
const TRUTH_MS = 2 * MINUTE_MS;
/** A minute of back-off, ten seconds of waiting for an answer, and a moment. */
const LONGEST_BACK_OFF_MS = 75_000;
/** The backstop of a watch from which events are withheld. */
const RELIST_MS = 32 * MINUTE_MS;

/** What people are told where two profiles can't be had together. */
const STALLED_AS = [
  ['RegistryConflict', 'conflicting'],
  ['SecretTooLarge', 'tooLarge'],
] as const;

export class Simulation {
  readonly #options: SimulationOptions;
  readonly #random: RandomStream;
  readonly #scheduler: Scheduler;
  readonly #weather = new Weather();
  readonly #simulator: SimulatedCluster;
  readonly #facts: Facts;
  readonly #history: History;
  readonly #oracle: Oracle;
  readonly #ecr: SimulatedEcr;
  readonly #deployment: Deployment;
  readonly #people: People;
  readonly #chaos: Chaos;
  /** Several processes compete for a Lease; else each thinks that it is alone. */
  readonly #isElected: boolean;
  /** Every third world looks at each namespace by itself, under a Role in each. */
  readonly #isRestricted: boolean;
  readonly #rules: readonly AccessRule[];
  #areDeedsOver = false;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = new RandomStream(options.seed);
    const random = this.#random;
    const scheduler = new Scheduler(random.fork());
    this.#scheduler = scheduler;
    const nowMs = (): number => scheduler.nowMs;
    const rates: Budget = random.chance(0.2) ? { qps: 5, burst: 10 } : { qps: 50, burst: 100 };
    this.#isRestricted = options.seed % 3 === 0;
    this.#rules = this.#isRestricted ? restricted(options.rules) : options.rules;
    const budget = this.#isRestricted ? { ...rates, only: NAMESPACES } : rates;
    const limit = random.pick([Infinity, Infinity, 400, 80]);
    this.#simulator = new SimulatedCluster({
      clock: new ProcessClock(scheduler),
      access: { [OUR_USER]: this.#rules },
      historyLimit: limit,
    });
    this.#simulator.kubectl.createNamespace(INSTALLED_AS.namespace);
    this.#facts = new Facts(drawConfig(random));
    this.#oracle = new Oracle({
      facts: this.#facts,
      budget,
      nowMs,
      issued: () => this.#ecr.issued,
      trace: this.#trace,
      onWriteSent: (hop) => this.#chaos.writeSent(hop),
    });
    this.#history = new History(this.#simulator, nowMs, (change, author) =>
      this.#oracle.changed(change, author),
    );
    for (const kind of ['Namespace', 'ServiceAccount'] as const) {
      for (const object of this.#simulator.kubectl.list(kind)) {
        const resource = kind === 'Namespace' ? 'namespaces' : 'serviceaccounts';
        const change = {
          resource,
          object,
          type: 'ADDED',
          revision: 0,
          key: '',
          previous: undefined,
        } as const;
        this.#facts.changed(change, 0);
      }
    }
    const ofEcr = random.fork();
    this.#ecr = new SimulatedEcr({
      scheduler,
      random: ofEcr,
      weather: this.#weather,
      observer: this.#oracle,
    });
    this.#ecr.lifeMs = drawLifeMs(random);
    const replicas = random.chance(0.4) ? 2 : 1;
    this.#isElected = replicas > 1 && random.chance(0.15);
    this.#deployment = new Deployment({
      replicas,
      scheduler,
      random: random.fork(),
      facts: this.#facts,
      budget,
      newPod: (name, config) => this.#newPod(name, config),
      trace: this.#trace,
    });
    this.#people = new People({
      kubectl: this.#simulator.kubectl,
      random: random.fork(),
      nowMs,
      trace: this.#trace,
      act: (deed) => this.#history.by({ kind: 'people' }, deed),
      later: (delayMs, deed) => {
        scheduler.after(delayMs, () => {
          if (!this.#areDeedsOver) deed();
        });
      },
    });
    this.#chaos = new Chaos({
      flavour: drawFlavour(random),
      scheduler,
      random: random.fork(),
      weather: this.#weather,
      deployment: this.#deployment,
      people: this.#people,
      compact: () => this.#simulator.compact(),
      setWatchRight: (isGranted) => this.#setWatchRight(isGranted),
      trace: this.#trace,
      onOutage: (process, sinceMs) => this.#checkOutage(process, sinceMs),
    });
  }

  async run(): Promise<SimulationResult> {
    try {
      await this.#live();
    } catch (error) {
      if (!(error instanceof Found)) throw error;
    }
    const { seed } = this.#options;
    const { steps, nowMs } = this.#scheduler;
    const { violations, tally } = this.#oracle;
    return { seed, violations, steps, virtualMs: nowMs, tally };
  }

  async #live(): Promise<void> {
    const random = this.#random;
    this.#scheduler.after(0, () => {
      for (const name of NAMESPACES) {
        if (random.chance(0.7)) {
          this.#history.by({ kind: 'people' }, () => this.#people.createNamespace(name));
        }
      }
      this.#deployment.begin();
      this.#chaos.begin();
    });
    // Two that compete do so every other second: their runs are shorter, or they would cost as much as ten others.
    const chaosMinutes = this.#isElected ? random.between(3, 10) : random.between(8, 32);
    await this.#pass(chaosMinutes * MINUTE_MS);

    this.#trace(() => 'CALM');
    this.#people.lastWishes();
    this.#areDeedsOver = true;
    this.#chaos.end();
    const broken = this.#breakEcr();
    const calmMs = this.#scheduler.nowMs;
    const wasWithheld = this.#deployment.withheldMs > calmMs - RELIST_MS;
    const graceMs = random.chance(0.7) ? await this.#stir() : 0;
    await this.#pass(CALM_MS + graceMs + (wasWithheld ? RELIST_MS : 0));
    for (const what of unattached(this.#world)) {
      this.#report({ invariant: 'I6', check: 'attaching waits for nobody', what });
    }
    for (const what of overstaying(this.#world)) {
      this.#report({ invariant: 'I5', check: 'a withdrawal waits for nobody', what });
    }
    for (const what of unmetClaims(this.#world, (identity) => !broken.isFor(identity))) {
      this.#report({ invariant: 'I6', check: 'one that fails leaves the others alone', what });
    }
    this.#checkPersistence();
    // Two processes of which one has not heard the news undo what the other does.
    const settledMs = wasWithheld ? this.#scheduler.nowMs - CALM_MS : calmMs;
    // One that it may have had to ask for anew, one for the request at the beginning, one to spare for two that race.
    const rotations = (this.#scheduler.nowMs - settledMs) / this.#rotationMs;
    this.#oracle.checkMints(settledMs, 3 + Math.ceil(rotations));

    this.#trace(() => 'ALL IS WELL');
    broken.mend();
    await this.#pass(CALM_MS + 2 * this.#facts.configs.now.graceMs);
    this.#checkEnd();

    this.#trace(() => 'QUIET');
    this.#oracle.isQuiet = true;
    this.#oracle.wasBraked = isBrakeOn(this.#world);
    await this.#pass(random.chance(0.25) && !this.#isElected ? 65 * MINUTE_MS : 10 * MINUTE_MS);
    // What kept it on may just have expired: the others look again once in a minute.
    if (this.#oracle.wasBraked && !isBrakeOn(this.#world)) await this.#pass(TRUTH_MS);
    this.#checkEnd();
  }

  /** For nobody, for those of one identity, or for all. */
  #breakEcr(): { readonly isFor: (identity: string) => boolean; readonly mend: () => void } {
    const random = this.#random;
    if (random.chance(0.4)) return { isFor: () => false, mend: () => undefined };
    const kind = random.pick(['hanging', 'hanging', 'refused', 'throttled'] as const);
    const resource = random.chance(0.3) ? undefined : random.pick(IDENTITIES);
    this.#trace(() => `weather ${kind} for ${resource ?? 'all'} until all is well`);
    const mend = this.#weather.begin({ kind, resource });
    return { isFor: (identity) => resource === undefined || identity === resource, mend };
  }

  /**
   * New processes, which hold no token, a right that is taken away, and then a need of new tokens: what can't be minted
   * must be carried. Answers how long what was taken away may stay.
   */
  async #stir(): Promise<number> {
    const random = this.#random;
    if (random.chance(0.6)) this.#deployment.takeProfileAway();
    if (random.chance(0.3)) this.#history.by({ kind: 'people' }, () => this.#people.leaveTeam());
    for (const name of this.#deployment.names) this.#deployment.restart(name);
    await this.#pass(MINUTE_MS);
    this.#history.by({ kind: 'people' }, () => this.#people.requestEverywhere());
    return this.#facts.configs.now.graceMs;
  }

  /** How long a token is good enough, at least. */
  get #rotationMs(): number {
    return this.#ecr.lifeMs * this.#facts.configs.now.atLifetimeFraction;
  }

  /** Lets so much time pass, step by step. */
  async #pass(ms: number): Promise<void> {
    const untilMs = this.#scheduler.nowMs + ms;
    while (await this.#scheduler.step(untilMs)) {
      this.#history.catchUp();
      this.#checkLeaders();
      if (this.#oracle.violations.length > 0) throw new Found();
    }
    this.#history.catchUp();
  }

  get #world(): World {
    const { nowMs } = this.#scheduler;
    const config = this.#facts.configs.now;
    return { facts: this.#facts, issued: this.#ecr.issued, nowMs, config };
  }

  #checkEnd(): void {
    for (const what of faultsIn(this.#world)) {
      this.#report({ invariant: 'I6', check: 'all comes right', what });
    }
    for (const pod of this.#deployment.pods) this.#checkHealth(pod);
    if (this.#leaders().length === 0) {
      this.#report({ invariant: 'I6', check: 'a leader', what: 'nobody leads' });
    }
    if (this.#oracle.violations.length > 0) throw new Found();
  }

  /** Whatever is paused, late or lost: never do two of them think at the same moment that they lead. */
  #checkLeaders(): void {
    if (!this.#isElected) return;
    const leaders = this.#leaders();
    if (leaders.length < 2) return;
    this.#report({ invariant: 'I7', check: 'one leader', what: leaders.join(' and ') });
  }

  #leaders(): readonly string[] {
    const { pods } = this.#deployment;
    return pods.filter(({ controller }) => controller?.isLeading === true).map(({ name }) => name);
  }

  /** Where a namespace waits for a token, ECR is asked again and again, whatever it answers. */
  #checkPersistence(): void {
    const world = this.#world;
    for (const namespace of this.#facts.namespaces()) {
      const secret = secretOf(namespace, world);
      const isWaiting = !isGoing(namespace, world) && isServed(namespace, world);
      if (!isWaiting || secret?.isImmutable === true) continue;
      const has = secret === undefined ? [] : entriesIn(secret);
      for (const { profile, identity } of claimsOf(namespace, world)) {
        const isMet = has.some(
          ({ item, token }) => item.profile === profile && token?.identity === identity,
        );
        const sinceMs = world.nowMs - this.#oracle.lastMintMs(identity);
        if (isMet || sinceMs <= LONGEST_BACK_OFF_MS) continue;
        const what = `nobody has asked ECR for ${identity} for ${Math.round(sinceMs / 1000)} s`;
        this.#report({ invariant: 'I8', check: 'back-off', what });
      }
    }
  }

  /** Health and metrics tell the truth. */
  #checkHealth({ controller, name }: Pod): void {
    const world = this.#world;
    const complain = (what: string): void =>
      this.#report({ invariant: 'I10', check: 'the truth', what: `${name}: ${what}` });
    for (const fault of controller?.faults ?? ['does not run']) complain(fault);
    const { state } = controller ?? {};
    if (state === undefined) return;
    // Those that are being deleted are left out.
    const present = this.#facts.namespaces().filter((one) => !isTerminating(one));
    const optedIn = present.filter((one) => standingOf(one, world.config) === 'in');
    const count = (what: string, expected: number, told: number): void => {
      if (told !== expected) complain(`tells of ${told} ${what} in the place of ${expected}`);
    };
    count('namespaces', optedIn.length, state.managedNamespaces);
    const secrets = present.flatMap((one) => secretOf(one, world) ?? []).filter(isOurs);
    count('Secrets', secrets.length, [...state.secrets].length);
    const inTheWay = optedIn.filter((one) => {
      const secret = secretOf(one, world);
      return !isGoing(one, world) && secret !== undefined && !isOurs(secret);
    });
    for (const [reason, access] of STALLED_AS) {
      const stalled = optedIn.filter((namespace) => {
        const secret = secretOf(namespace, world);
        const isFree = secret === undefined || isOurs(secret);
        const accesses = accessesIn({ namespace, config: world.config }, []);
        return !isGoing(namespace, world) && isFree && [...accesses.values()].includes(access);
      });
      count(`namespaces of ${reason}`, stalled.length, state.stalledNamespaces.get(reason) ?? 0);
    }
    count('foreign Secrets', inTheWay.length, state.stalledNamespaces.get('SecretNotOwned') ?? 0);
  }

  /** Nobody answers for more than two minutes, and the process must say so. */
  #checkOutage(process: string, sinceMs: number): void {
    const pod = this.#deployment.pods.find(({ name }) => name === process);
    if (pod === undefined || pod.isPaused || pod.aliveSinceMs > sinceMs) return;
    if (this.#scheduler.nowMs - pod.heardMs <= TRUTH_MS) return;
    const isOddTime = pod.recentPauseMs > 0 || pod.skewMs !== 0;
    if (isOddTime || (pod.controller?.faults ?? []).length > 0) return;
    this.#report({
      invariant: 'I10',
      check: 'outage told',
      what: `${process} calls itself healthy`,
    });
  }

  readonly #report = (violation: Violation): void => this.#oracle.report(violation);

  #newPod(name: string, config: ConfigFileModel): Pod {
    const { plant } = this.#options;
    const pod: Pod = new Pod({
      name,
      network: {
        scheduler: this.#scheduler,
        random: this.#random.fork(),
        weather: this.#weather,
        history: this.#history,
        faults: this.#simulator.faults,
        observer: this.#oracle,
      },
      simulator: this.#simulator,
      ecr: this.#ecr,
      random: this.#random.fork(),
      log: new WatchedLog(
        (level, message, fields) => {
          if (message === 'configuration changed') {
            pod.configTaken();
            this.#oracle.configTaken();
          }
          if (level === 'debug' && fields['err'] === undefined) return;
          this.#trace(() => `${name} ${level} ${message} ${tellFields(fields)}`);
        },
        (message) => this.#report({ invariant: 'I1', check: 'no token in logs', what: message }),
      ),
      config,
      isElected: this.#isElected,
      isRestricted: this.#isRestricted,
      plant,
    });
    this.#oracle.watch(pod);
    return pod;
  }

  #setWatchRight(isGranted: boolean): void {
    const rules = this.#rules;
    const rest = rules.map((rule) => ({
      ...rule,
      verbs: rule.verbs.filter((verb) => verb !== 'watch'),
    }));
    this.#simulator.setAccess(OUR_USER, isGranted ? rules : rest);
  }

  readonly #trace = (line: () => string): void => {
    this.#options.onTrace?.(`${(this.#scheduler.nowMs / 1000).toFixed(4)} ${line()}`);
  };
}

/** Roles in the place of what is cluster-wide. */
function restricted(rules: readonly AccessRule[]): readonly AccessRule[] {
  const inNamespaces = NAMESPACES.flatMap((namespace) =>
    namespaceRules(namespace, SECRET_NAME).map((rule) => ({ ...rule, namespace })),
  );
  return [...rules.filter(({ namespace }) => namespace !== undefined), ...inNamespaces];
}

/** Ends a run at the first violation: what follows from it is of no interest. */
class Found extends Error {}

function tellFields(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(
      ([name, value]) =>
        `${name}=${value instanceof Error ? value.message : JSON.stringify(value)}`,
    )
    .join(' ');
}
