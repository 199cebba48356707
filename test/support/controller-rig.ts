/** The controller with everything around it faked: what a pass of the loop may touch, and a count of what was measured. */
import { Controller } from '../../src/controller/controller.ts';
import type { Outcome } from '../../src/controller/outcome.ts';
import type { Measurements } from '../../src/controller/ports.ts';
import { type ReconcileContext, withMemory } from '../../src/controller/reconcile-context.ts';
import { reconcileNamespace } from '../../src/controller/reconcile.ts';
import type { Taken } from '../../src/controller/taken.ts';
import { TokenStore } from '../../src/controller/token-store.ts';
import { WorkQueue } from '../../src/controller/work-queue.ts';
import type { Settings } from '../../src/domain/settings.ts';
import type { TokenNeed } from '../../src/domain/token-need.ts';
import { INSTANCE, NOW, someSettings } from './builders.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeCluster } from './fake-cluster.ts';
import { FakeTokenMinter } from './fake-token-minter.ts';
import { RecordedLog } from './recorded-log.ts';
import { UNOBSERVED } from './unobserved-queue.ts';

export class ControllerRig {
  readonly clock = new FakeClock(NOW);
  readonly cluster = new FakeCluster();
  readonly minter = new FakeTokenMinter(this.clock);
  readonly log = new RecordedLog();
  /** As `name:label` or `name:number`. */
  readonly measured: string[] = [];
  settings: Settings = someSettings();
  readonly context: ReconcileContext;
  readonly queue: WorkQueue;
  readonly controller: Controller;

  constructor(change: Partial<ReconcileContext> = {}) {
    const { clock, cluster, log } = this;
    const measurements = this.#measurements();
    const random = (): number => 0.5;
    const world = {
      instance: INSTANCE,
      settings: () => this.settings,
      clock,
      log,
      measurements,
      cluster,
      namespaces: cluster.namespacePort,
      pullSecrets: cluster.pullSecretPort,
      serviceAccounts: cluster.serviceAccountPort,
      events: cluster.eventPort,
      tokens: new TokenStore({ minter: this.minter, clock, random, log, measurements }),
    };
    this.context = { ...withMemory(world), ...change };
    this.queue = new WorkQueue(clock, random, UNOBSERVED);
    this.controller = new Controller(this.context, this.queue);
    cluster.listen((noticed) => this.controller.notice(noticed));
  }

  /** What a process that starts now works with: the same world, and nothing remembered. */
  restarted(): ReconcileContext {
    const { minter, clock, log } = this;
    const { measurements } = this.context;
    const tokens = new TokenStore({ minter, clock, random: () => 0.5, log, measurements });
    return withMemory({ ...this.context, tokens });
  }

  /**
   * Passes over one namespace as the controller makes them: where a token is being minted, it looks again when that has
   * ended. Gives the outcome of the last one.
   */
  async look(name = 'team-a', context = this.context): Promise<Outcome> {
    const { tokens } = context;
    const mints: Promise<void>[] = [];
    const take = (need: TokenNeed): Taken => {
      const answer = tokens.take(need);
      if (answer.kind === 'minting') mints.push(answer.settled);
      return answer;
    };
    const held = tokens.held.bind(tokens);
    const isFailing = tokens.isFailing.bind(tokens);
    const noted = { ...context, tokens: { held, isFailing, take } };
    const outcome = await reconcileNamespace(name, noted, {
      signal: new AbortController().signal,
      lookAgain: () => undefined,
    });
    if (mints.length === 0) return outcome;
    await Promise.all(mints);
    return this.look(name, context);
  }

  /** Gives what was written since the last call. */
  newWrites(): readonly string[] {
    return this.cluster.writes.splice(0);
  }

  /** The reasons of the Warnings sent since the last call, each once. */
  newWarnings(): readonly string[] {
    const warnings = this.cluster.events.splice(0).filter(({ type }) => type === 'Warning');
    return [...new Set(warnings.map(({ reason }) => reason))];
  }

  #measurements(): Measurements {
    const note =
      (name: string) =>
      (label: string | number): void => {
        this.measured.push(`${name}:${label}`);
      };
    return {
      tokenRequested: note('tokenRequested'),
      written: note('written'),
      conflicted: note('conflicted'),
      ownershipRefused: note('ownershipRefused'),
      reconciled: note('reconciled'),
      eventDropped: () => note('eventDropped')(''),
      namespaceReady: note('namespaceReady'),
    };
  }
}
