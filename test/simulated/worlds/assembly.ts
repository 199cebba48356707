/** Assembles everything that a run consists of from its seed. */
import type { ControllerDependencies } from '../../../src/controller/controller.ts';
import type { AccessRule } from '../../../simulator/requests/access.ts';
import { SimulatedCluster } from '../../../simulator/simulated-cluster.ts';
import { SECRET_NAME } from '../../support/values/builders.ts';
import { INSTALLED_AS, OUR_USER } from '../../support/cluster/install.ts';
import { namespaceRules } from '../../support/cluster/namespace-roles.ts';
import { OUR_RULES } from '../../support/simulated/simulated-world.ts';
import { Chaos, drawFlavour } from './weather/chaos.ts';
import { type Budget, drawConfig, drawLifeMs, drawPlainConfig } from './model/config-model.ts';
import { Deployment } from './deployment.ts';
import { EndChecks } from './oracle/end-checks.ts';
import { Facts } from './model/facts.ts';
import { History } from './history.ts';
import { LargeObjects } from './people/large-objects.ts';
import { Oracle } from './oracle/oracle.ts';
import { NeighbourChecks } from './oracle/neighbour-checks.ts';
import { NAMESPACES, People } from './people/people.ts';
import { type ConfigFileModel, Pod } from './pod.ts';
import { RandomStream } from './random-stream.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import { SimulatedEcr } from './network/simulated-ecr.ts';
import { WatchedLog } from './network/watched-log.ts';
import { Weather } from './weather/weather.ts';
import { Webhooks } from './weather/webhooks.ts';
import type { World } from './world.ts';

export interface SimulationOptions {
  readonly seed: number;
  /** A planted bug, which the simulation should find. */
  readonly plant?: ((parts: ControllerDependencies) => ControllerDependencies) | undefined;
  /** Receives what happens, line by line. */
  readonly onTrace?: ((line: string) => void) | undefined;
}

/**
 * `exodus`: a large cluster that many namespaces leave. `decline`: a cluster that loses its profiles. `neighbours`: one in
 * which some namespaces misbehave.
 */
export type WorldKind = 'usual' | 'exodus' | 'decline' | 'neighbours';

/** Picked by seed. */
const KINDS: readonly WorldKind[] = [
  ...(['usual', 'usual', 'decline', 'usual'] as const),
  ...(['usual', 'exodus', 'neighbours', 'usual'] as const),
];

const LARGE: readonly WorldKind[] = ['exodus', 'neighbours'];

export class Assembly {
  readonly random: RandomStream;
  readonly time: VirtualClock;
  readonly facts: Facts;
  readonly oracle: Oracle;
  readonly history: History;
  readonly weather = new Weather();
  readonly ecr: SimulatedEcr;
  readonly deployment: Deployment;
  readonly people: People;
  readonly chaos: Chaos;
  readonly large: LargeObjects;
  readonly webhooks: Webhooks;
  readonly neighbours: NeighbourChecks;
  readonly checks: EndChecks;
  readonly kind: WorldKind;
  readonly budget: Budget;
  readonly names: readonly string[];
  /** Several processes compete for a Lease; otherwise each believes that it is alone. */
  readonly isElected: boolean;
  /** People do nothing any more. */
  arePeopleDone = false;
  readonly #options: SimulationOptions;
  readonly simulator: SimulatedCluster;
  /** Every third world watches each namespace separately, under a Role in each. */
  readonly #isRestricted: boolean;
  readonly #rules: readonly AccessRule[];

  constructor(options: SimulationOptions) {
    this.#options = options;
    const random = new RandomStream(options.seed);
    this.random = random;
    const time = new VirtualClock({ tie: random.fork().next, turns: 1 });
    this.time = time;
    const nowMs = (): number => time.monotonicMs();
    const rates: Budget = random.chance(0.2) ? { qps: 5, burst: 10 } : { qps: 50, burst: 100 };
    this.kind = KINDS[options.seed % KINDS.length] ?? 'usual';
    const isUsual = this.kind === 'usual';
    const isLarge = LARGE.includes(this.kind);
    this.names = isLarge ? crowd(150 + random.below(50)) : NAMESPACES;
    this.#isRestricted = options.seed % 3 === 0 && !isLarge;
    this.#rules = this.#isRestricted ? restricted(OUR_RULES) : OUR_RULES;
    const budget = this.#isRestricted ? { ...rates, only: NAMESPACES } : rates;
    this.budget = budget;
    const limit = random.pick([Infinity, Infinity, 400, 80]);
    this.simulator = new SimulatedCluster({
      clock: time,
      access: { [OUR_USER]: this.#rules },
      historyLimit: limit,
    });
    this.simulator.kubectl.createNamespace(INSTALLED_AS.namespace);
    this.facts = new Facts(isUsual ? drawConfig(random) : drawPlainConfig(random));
    this.oracle = new Oracle({
      facts: this.facts,
      budget,
      nowMs,
      issued: () => this.ecr.issued,
      trace: this.trace,
      onWriteSent: (hop) => this.chaos.writeSent(hop),
    });
    this.history = new History(this.simulator, nowMs, (change, author) =>
      this.oracle.changed(change, author),
    );
    this.#noteWhatIsThere();
    this.ecr = new SimulatedEcr({
      time,
      random: random.fork(),
      weather: this.weather,
      observer: this.oracle,
    });
    if (isUsual) this.ecr.lifeMs = drawLifeMs(random);
    const replicas = random.chance(0.4) ? 2 : 1;
    this.isElected = replicas > 1 && random.chance(0.15) && this.kind !== 'neighbours';
    this.deployment = new Deployment({
      replicas,
      time,
      random: random.fork(),
      facts: this.facts,
      budget,
      newPod: (name, config) => this.#newPod(name, config),
      trace: this.trace,
    });
    this.people = new People({
      kubectl: this.simulator.kubectl,
      random: random.fork(),
      nowMs,
      trace: this.trace,
      act: (action) => this.history.by({ kind: 'people' }, action),
      later: (delayMs, action) => {
        time.after(delayMs, () => {
          if (!this.arePeopleDone) action();
        });
      },
    });
    this.chaos = new Chaos({
      flavour: drawFlavour(random),
      time,
      random: random.fork(),
      weather: this.weather,
      deployment: this.deployment,
      people: this.people,
      compact: () => this.simulator.compact(),
      refuseIn: this.refuseIn,
      setWatchRight: (isGranted) => this.#setWatchRight(isGranted),
      trace: this.trace,
      onOutage: (process, sinceMs) => this.checks.outage(process, sinceMs),
    });
    const ownRandom = new RandomStream(options.seed ^ 0x1a26e);
    this.large = new LargeObjects({ people: this.people, time, random: ownRandom });
    this.webhooks = new Webhooks(time, ownRandom.fork());
    this.checks = new EndChecks(this);
    this.neighbours = new NeighbourChecks(this);
  }

  get world(): World {
    const { facts, time, ecr } = this;
    return { facts, issued: ecr.issued, nowMs: time.monotonicMs(), config: facts.configs.now };
  }

  readonly trace = (line: () => string): void => {
    this.#options.onTrace?.(`${(this.time.monotonicMs() / 1000).toFixed(4)} ${line()}`);
  };

  /** Until the returned function is called, a policy refuses removals in these namespaces. */
  readonly refuseIn = (names: readonly string[]): (() => void) => {
    const { policies } = this.facts;
    this.trace(() => `a policy refuses removals in ${names.join()}`);
    const ends = names.map((resource) => this.weather.begin({ kind: 'refusing', resource }));
    policies.set(this.time.monotonicMs(), new Set([...policies.now, ...names]));
    return () => {
      this.trace(() => `no policy refuses removals in ${names.join()} any more`);
      for (const end of ends) end();
      const left = [...policies.now].filter((name) => !names.includes(name));
      policies.set(this.time.monotonicMs(), new Set(left));
    };
  };

  /** What the cluster starts with. */
  #noteWhatIsThere(): void {
    for (const kind of ['Namespace', 'ServiceAccount'] as const) {
      const resource = kind === 'Namespace' ? 'namespaces' : 'serviceaccounts';
      for (const object of this.simulator.kubectl.list(kind)) {
        const about = { type: 'ADDED', revision: 0, key: '', previous: undefined } as const;
        this.facts.changed({ resource, object, ...about }, 0);
      }
    }
  }

  #newPod(name: string, config: ConfigFileModel): Pod {
    const { oracle } = this;
    const pod: Pod = new Pod({
      name,
      network: {
        time: this.time,
        random: this.random.fork(),
        weather: this.weather,
        webhooks: this.webhooks,
        history: this.history,
        faults: this.simulator.faults,
        observer: oracle,
      },
      simulator: this.simulator,
      ecr: this.ecr,
      random: this.random.fork(),
      log: new WatchedLog(
        (level, message, fields) => {
          if (message === 'configuration changed') {
            pod.configApplied();
            oracle.configApplied();
          }
          this.neighbours.logged(name, message, fields);
          if (level === 'debug' && fields['err'] === undefined) return;
          this.trace(() => `${name} ${level} ${message} ${renderFields(fields)}`);
        },
        (message) => oracle.report({ invariant: 'I1', check: 'no token in logs', what: message }),
      ),
      config,
      isElected: this.isElected,
      isRestricted: this.#isRestricted,
      plant: this.#options.plant,
    });
    oracle.watch(pod);
    return pod;
  }

  #setWatchRight(isGranted: boolean): void {
    const rules = this.#rules;
    const rest = rules.map((rule) => ({
      ...rule,
      verbs: rule.verbs.filter((verb) => verb !== 'watch'),
    }));
    this.simulator.setAccess(OUR_USER, isGranted ? rules : rest);
  }
}

/** Roles instead of the cluster-wide rules. */
function restricted(rules: readonly AccessRule[]): readonly AccessRule[] {
  const inNamespaces = NAMESPACES.flatMap((namespace) =>
    namespaceRules(namespace, SECRET_NAME).map((rule) => ({ ...rule, namespace })),
  );
  return [...rules.filter(({ namespace }) => namespace !== undefined), ...inNamespaces];
}

function crowd(size: number): readonly string[] {
  return Array.from({ length: size }, (_, n) => `crowd-${n}`);
}

function renderFields(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(
      ([name, value]) =>
        `${name}=${value instanceof Error ? value.message : JSON.stringify(value)}`,
    )
    .join(' ');
}
