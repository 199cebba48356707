/**
 * A small world in which administrators rename the Secret by upgrade, and back, while people, AWS, the network and
 * crashes get in the way. What must hold at every change of ours: who could pull before it can pull after it; and
 * at every moment: who is new can pull while a live Secret of ours is there.
 */
import { instanceOf } from '../../../src/domain/contract.ts';
import { TransientError } from '../../../src/domain/errors.ts';
import { WHOLE_CLUSTER } from '../../../src/domain/scope.ts';
import type { EngineParts } from '../../../src/controller/engine.ts';
import { neededAccess } from '../../../src/kubernetes/needed-access.ts';
import { HOUR_MS, MINUTE_MS } from '../../support/builders.ts';
import { INSTALLED_AS, OUR_USER } from '../../support/install.ts';
import type { SimulatedController } from '../../support/simulated-controller.ts';
import { OPTED_IN, SimulatedWorld } from '../../support/simulated-world.ts';
import { RandomStream } from '../random-stream.ts';
import { RenameOracle } from './rename-oracle.ts';

export const NAMES = ['pull-a', 'pull-b', 'pull-c'] as const;
const NAMESPACES = ['team-a', 'team-b', 'team-c'] as const;
const PODS = ['pod-1', 'pod-2'] as const;
const GRACES_MS = [0, 2 * MINUTE_MS, 10 * MINUTE_MS] as const;
const STEP_MS = 2_000;
/** Long enough to say that what has not happened does not. */
const LONG_MS = 6 * MINUTE_MS;
const LONG_STEP_MS = 15_000;
const FOREIGN = { type: 'Opaque', data: { mine: btoa('mine') } };

export interface RenameOptions {
  readonly seed: number;
  readonly plant?: ((parts: EngineParts) => EngineParts) | undefined;
}

export class RenameWorld {
  readonly #random: RandomStream;
  readonly #plant: RenameOptions['plant'];
  readonly #world = new SimulatedWorld();
  readonly #oracle: RenameOracle;
  readonly #running = new Map<string, SimulatedController>();
  readonly #graceMs: number;
  readonly #pods: readonly string[];
  readonly #deeds: number;
  #secretName: string = NAMES[0];
  #serviceAccounts = 0;

  constructor({ seed, plant }: RenameOptions) {
    this.#random = new RandomStream(seed);
    this.#plant = plant;
    this.#graceMs = this.#random.pick(GRACES_MS);
    // Two that compete do so every other second: their runs are shorter.
    this.#pods = seed % 5 === 0 ? PODS : [PODS[0]];
    this.#deeds = this.#pods.length > 1 ? 8 : 24;
    this.#world.minter.lifeMs = this.#random.pick([12 * HOUR_MS, HOUR_MS]);
    this.#oracle = new RenameOracle(this.#world, NAMES);
  }

  /** What went wrong; nothing, as it should be. */
  async run(): Promise<readonly string[]> {
    const world = this.#world;
    world.kubectl.createNamespace(INSTALLED_AS.namespace);
    world.simulator.setAccess(OUR_USER, rules());
    this.#people(() => {
      world.optIn(...NAMESPACES);
      for (const namespace of NAMESPACES) this.#addAccount(namespace);
    });
    for (const pod of this.#pods) await this.#start(pod);
    for (let deed = 0; deed < this.#deeds && this.#oracle.found.length === 0; deed += 1) {
      await this.#act();
      await this.#pass(this.#random.pick([STEP_MS, 30_000, 3 * MINUTE_MS]));
    }
    await this.#settle();
    this.#oracle.judgeEnd(this.#secretName);
    await world.close();
    return [...this.#oracle.found, ...world.misdeeds()];
  }

  async #act(): Promise<void> {
    const random = this.#random;
    const namespace = random.pick(NAMESPACES);
    if (random.chance(0.25)) return this.#rename();
    if (random.chance(0.05)) return this.#renameInOutage(namespace);
    switch (random.below(9)) {
      case 0:
        return this.#restart(random.pick(this.#pods) ?? '');
      case 1:
        return this.#failMints(50);
      case 2:
        return this.#world.minter.heal();
      case 3:
        return this.#people(() => this.#addAccount(namespace));
      case 4:
        return this.#people(() => this.#markAccount(namespace));
      case 5:
        return this.#people(() => this.#meddle(namespace));
      case 6:
        return this.#people(() => this.#optInOrOut(namespace));
      case 7:
        return this.#breakRequests();
      default:
        return this.#people(() => this.#stripEntries(namespace));
    }
  }

  /** One replica after the other, as a roll-out does it; now and then it is broken off, and begun again later. */
  async #rename(): Promise<void> {
    const others = NAMES.filter((name) => name !== this.#secretName);
    this.#secretName = this.#random.pick(others) ?? NAMES[0];
    for (const pod of this.#pods) {
      await this.#restart(pod);
      await this.#pass(this.#random.pick([STEP_MS, MINUTE_MS]));
      if (this.#random.chance(0.15)) return;
    }
  }

  /** The new Secret does not come, and somebody needs one who has none yet. */
  async #renameInOutage(namespace: string): Promise<void> {
    this.#failMints(1_000);
    await this.#rename();
    this.#people(() => this.#addAccount(namespace));
    await this.#pass(LONG_MS);
  }

  async #restart(pod: string): Promise<void> {
    const running = this.#running.get(pod);
    this.#running.delete(pod);
    if (running !== undefined) {
      const stopped = this.#random.chance(0.5) ? running.kill() : running.stop();
      await this.#pass(STEP_MS);
      await stopped;
    }
    await this.#start(pod);
  }

  async #start(pod: string): Promise<void> {
    const previous = NAMES.filter((name) => name !== this.#secretName);
    const config = [
      `secretName: ${this.#secretName}`,
      `previousSecretNames: [${previous.join(', ')}]`,
      `removal: {gracePeriod: ${this.#graceMs / 1000}s, maxPerTenMinutes: 100}`,
    ].join('\n');
    const elected = this.#pods.length > 1;
    const plant = this.#plant === undefined ? {} : { plant: this.#plant };
    this.#running.set(pod, await this.#world.run({ config, reporter: pod, elected, ...plant }));
    this.#oracle.catchUp();
  }

  #failMints(count: number): void {
    this.#world.minter.failNext(new TransientError('down', { code: 'ECR_DOWN' }), count);
  }

  #addAccount(namespace: string): void {
    this.#serviceAccounts += 1;
    const own = this.#random.pick<readonly string[]>([[], ['mine'], ['mine', 'yours', 'mine']]);
    const entry = this.#random.chance(0.3) ? [this.#random.pick(NAMES)] : [];
    const imagePullSecrets = [...own, ...entry].map((name) => ({ name }));
    const name = `app-${this.#serviceAccounts}`;
    this.#world.kubectl.createServiceAccount(namespace, name, { imagePullSecrets });
  }

  #markAccount(namespace: string): void {
    const accounts = this.#accountsOf(namespace);
    const name = this.#random.pick(accounts) ?? 'default';
    const attach = this.#random.pick(['true', 'false', 'perhaps', null, null]);
    const target = { kind: 'ServiceAccount', namespace, name } as const;
    this.#world.kubectl.annotate(target, { 'ecr-pull-secrets.io/attach': attach });
  }

  /** What a tool does that knows its own list only. */
  #stripEntries(namespace: string): void {
    const name = this.#random.pick(this.#accountsOf(namespace)) ?? 'default';
    const target = { kind: 'ServiceAccount', namespace, name } as const;
    const left = this.#random.pick<readonly string[]>([
      [],
      ['mine'],
      [NAMES[0]],
      [NAMES[1], 'mine'],
    ]);
    this.#world.kubectl.patch(target, { imagePullSecrets: left.map((entry) => ({ name: entry })) });
  }

  #meddle(namespace: string): void {
    const { kubectl } = this.#world;
    const name = this.#random.pick(NAMES);
    const target = { kind: 'Secret', namespace, name } as const;
    if (kubectl.get(target) === undefined) {
      if (this.#random.chance(0.5)) kubectl.createSecret(namespace, name, FOREIGN);
    } else if (this.#random.chance(0.5)) kubectl.delete(target);
    else kubectl.patch(target, { data: { more: btoa('more') } });
  }

  #optInOrOut(namespace: string): void {
    const enabled = this.#random.pick(['true', 'true', 'false', 'perhaps']);
    this.#world.annotate(namespace, { 'ecr-pull-secrets.io/enabled': enabled });
  }

  #breakRequests(): void {
    const kind = this.#random.pick(['lose-answer', 'refuse', 'conflict'] as const);
    const times = 1 + this.#random.below(6);
    const match = ({ method, user }: { readonly method: string; readonly user: string }) =>
      user === OUR_USER && method !== 'GET';
    this.#world.simulator.faults.add({ effect: { kind }, times, match });
  }

  /** Everybody comes to rest: what is in the way of today's name goes, and all that was asked for is done. */
  async #settle(): Promise<void> {
    const { kubectl, minter, simulator } = this.#world;
    simulator.faults.clear();
    minter.heal();
    for (const pod of this.#pods) await this.#restart(pod);
    this.#people(() => {
      for (const namespace of NAMESPACES) {
        const enabled = kubectl.get({ kind: 'Namespace', name: namespace })?.metadata.annotations;
        if (enabled?.['ecr-pull-secrets.io/enabled'] === 'perhaps') {
          this.#world.annotate(namespace, OPTED_IN);
        }
        for (const name of this.#accountsOf(namespace)) {
          const target = { kind: 'ServiceAccount', namespace, name } as const;
          if (
            kubectl.get(target)?.metadata.annotations?.['ecr-pull-secrets.io/attach'] === 'perhaps'
          ) {
            kubectl.annotate(target, { 'ecr-pull-secrets.io/attach': null });
          }
        }
        this.#oracle.dropForeign(namespace, this.#secretName);
      }
    });
    await this.#pass(this.#graceMs + 6 * MINUTE_MS);
  }

  #accountsOf(namespace: string): readonly string[] {
    return this.#world.kubectl
      .list('ServiceAccount')
      .filter(({ metadata }) => metadata.namespace === namespace)
      .map(({ metadata }) => metadata.name);
  }

  #people(deed: () => void): void {
    this.#oracle.catchUp();
    this.#world.byPeople(deed);
    this.#oracle.sawPeople();
  }

  async #pass(ms: number): Promise<void> {
    const stepMs = Math.min(ms, LONG_STEP_MS);
    for (let passed = 0; passed < ms; passed += stepMs) {
      await this.#world.clock.advance(stepMs);
      this.#oracle.catchUp();
    }
  }
}

/** Each name may be today's. */
function rules() {
  return NAMES.flatMap((name) => neededAccess(instanceOf('default', name), WHOLE_CLUSTER)).map(
    ({ verb, group, resource, objectName, namespaces }) => ({
      verbs: [verb],
      apiGroups: [group],
      resources: [resource],
      ...(objectName === undefined ? {} : { resourceNames: [objectName] }),
      ...(namespaces === 'own' ? { namespace: INSTALLED_AS.namespace } : {}),
    }),
  );
}
