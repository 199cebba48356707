/** The processes of a run: starts them, replaces those that died, and delivers the ConfigMap to them. */
import {
  BROKEN_FILES,
  type Budget,
  type ConfigModel,
  editConfig,
  renderConfig,
  takeAway,
} from './model/config-model.ts';
import type { Facts } from './model/facts.ts';
import type { ConfigFileModel, Pod } from './pod.ts';
import type { RandomStream } from './random-stream.ts';
import type { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';

interface DeploymentParts {
  readonly replicas: number;
  readonly time: VirtualClock;
  readonly random: RandomStream;
  readonly facts: Facts;
  readonly budget: Budget;
  readonly newPod: (name: string, config: ConfigFileModel) => Pod;
  readonly trace: (line: () => string) => void;
}

export class Deployment {
  readonly #parts: DeploymentParts;
  #pods: Pod[] = [];
  #started = 0;
  /** The current content of the ConfigMap. */
  #file: ConfigFileModel;
  /** Told to stop, but still running. */
  readonly #leaving = new Set<Pod>();
  #withheldMs = -Infinity;

  constructor(parts: DeploymentParts) {
    this.#parts = parts;
    const model = parts.facts.configs.now;
    this.#file = { model, text: renderConfig(model, parts.budget) };
  }

  begin(): void {
    for (let n = 0; n < this.#parts.replicas; n += 1) this.#startLater(100);
  }

  /** Those that are alive and are not being stopped. */
  get pods(): readonly Pod[] {
    this.#pods = this.#pods.filter((pod) => !pod.isDead);
    return this.#pods.filter((pod) => !this.#leaving.has(pod));
  }

  get names(): readonly string[] {
    return this.pods.map(({ name }) => name);
  }

  /** When events were last withheld from any process. */
  get withheldMs(): number {
    return this.#withheldMs;
  }

  eventsWithheld(): void {
    this.#withheldMs = Infinity;
  }

  crash(name: string): void {
    const pod = this.#find(name);
    if (pod === undefined) return;
    this.#parts.trace(() => `${name} crashes`);
    pod.crash();
    this.#startLater(20_000);
  }

  restart(name: string): void {
    const pod = this.#find(name);
    if (pod === undefined || pod.isPaused) return;
    this.#parts.trace(() => `${name} receives SIGTERM`);
    this.#dismiss(pod);
    this.#startLater(20_000);
  }

  /** For a while there is one process more: the old one stops once the new one has started. */
  surge(): void {
    const [old] = this.names;
    this.#startLater(1_000);
    if (old === undefined) return;
    this.#parts.time.after(this.#parts.random.between(2_000, 60_000), () => {
      if (this.pods.length > this.#parts.replicas) this.#stopForGood(old);
    });
  }

  pause(name: string): void {
    this.#parts.trace(() => `${name} is paused`);
    this.#find(name)?.pause();
  }

  resume(name: string): void {
    this.#parts.trace(() => `${name} goes on`);
    this.#find(name)?.resume();
  }

  setClock(name: string, skewMs: number): void {
    this.#parts.trace(() => `${name} has its clock moved to ${skewMs} ms`);
    this.#find(name)?.setClock(skewMs);
  }

  cutWatches(
    name: string | undefined,
    how: { readonly midLine?: boolean; readonly junk?: boolean },
  ): void {
    for (const pod of this.pods) {
      if (name === undefined || pod.name === name) pod.cutWatches(how);
    }
  }

  /** Sometimes with a fault. */
  editConfig(): void {
    const { random, facts } = this.#parts;
    if (random.chance(0.2)) {
      this.#publish({ text: random.pick(BROKEN_FILES) ?? '', model: undefined });
    } else this.configure(editConfig(facts.configs.now, random));
  }

  /** Makes one profile unusable: it disappears, has a fault, or is reserved for others. */
  takeProfileAway(): void {
    const { random, facts } = this.#parts;
    this.configure(takeAway(facts.configs.now, random));
  }

  /** Every process runs, with the right time and a valid configuration. */
  setRight(): void {
    const { facts, replicas } = this.#parts;
    for (const pod of this.#pods) {
      pod.resume();
      if (pod.clock.skewMs !== 0) pod.setClock(0);
    }
    if (this.#withheldMs === Infinity) this.#withheldMs = this.#parts.time.monotonicMs();
    this.configure(facts.configs.now);
    for (const { name } of this.pods.slice(replicas)) this.#stopForGood(name);
  }

  /** What the administrator does: writes it into the ConfigMap. */
  configure(config: ConfigModel): void {
    const { facts, time, budget } = this.#parts;
    facts.configs.set(time.monotonicMs(), config);
    this.#publish({ model: config, text: renderConfig(config, budget) });
  }

  /** The kubelet updates a ConfigMap on each node within a minute. */
  #publish(file: ConfigFileModel): void {
    const { time, random, trace } = this.#parts;
    trace(() => `config is ${file.text}`);
    this.#file = file;
    for (const pod of this.pods) {
      time.after(random.between(0, 60_000), () => {
        pod.config = this.#file;
      });
    }
  }

  #stopForGood(name: string): void {
    this.#parts.trace(() => `${name} receives SIGTERM and is not replaced`);
    const pod = this.#find(name);
    if (pod !== undefined) this.#dismiss(pod);
  }

  #dismiss(pod: Pod): void {
    this.#leaving.add(pod);
    void pod.stop().then(() => this.#parts.trace(() => `${pod.name} has stopped`));
  }

  #startLater(withinMs: number): void {
    this.#parts.time.after(this.#parts.random.between(10, withinMs), () => void this.#start());
  }

  async #start(): Promise<void> {
    const { newPod, trace } = this.#parts;
    this.#started += 1;
    const name = `pod-${this.#started}`;
    trace(() => `${name} starts`);
    const pod = newPod(name, this.#file);
    this.#pods.push(pod);
    if (await pod.start()) return;
    trace(() => `${name} refuses to start`);
    this.#startLater(20_000);
  }

  #find(name: string): Pod | undefined {
    return this.pods.find((pod) => pod.name === name);
  }
}
