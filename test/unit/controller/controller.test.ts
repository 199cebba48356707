import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ReconcileContext } from '../../../src/controller/reconcile-context.ts';
import { TransientError } from '../../../src/domain/errors.ts';
import {
  HOUR_MS,
  MINUTE_MS,
  aNamespace,
  aProfile,
  aServiceAccount,
  aSettledNamespace,
  anIdentity,
  annotationsOf,
  someSettings,
} from '../../support/builders.ts';
import { ControllerRig } from '../../support/controller-rig.ts';
import { settle } from '../../support/fake-clock.ts';

let rig: ControllerRig;

beforeEach(() => {
  rig = new ControllerRig();
});

describe('the controller', () => {
  it('brings what was there before it started and what comes later to rest', async () => {
    rig.cluster.put(aNamespace({ name: 'early' }));
    rig.controller.start();
    await rig.clock.advance(1_000);
    rig.cluster.put(aNamespace({ name: 'late' }));
    await rig.clock.advance(1_000);

    expect([...rig.newWrites()].sort()).toEqual([
      'attach early/default',
      'attach late/default',
      'writeSecret early',
      'writeSecret late',
    ]);
    expect(rig.minter.calls).toHaveLength(1);
  });

  it('decides nothing before it is started', async () => {
    rig.cluster.put(aNamespace());
    await rig.clock.advance(HOUR_MS);

    expect(rig.newWrites()).toEqual([]);
  });

  it('rotates for days with one mint per rotation and no expired token in any Secret', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `team-${n}`);
    rig.controller.start();
    for (const name of names) rig.cluster.put(aNamespace({ name, uid: `uid-${name}` }));

    for (let quarter = 0; quarter < 4 * 48; quarter++) {
      await rig.clock.advance(15 * MINUTE_MS);
      for (const name of names) {
        const [token] = rig.cluster.get(name).pullSecret?.tokens ?? [];
        expect(token?.expiresAt.getTime()).toBeGreaterThan(rig.clock.now().getTime() + 4 * HOUR_MS);
      }
    }

    expect(rig.minter.calls.length).toBeLessThanOrEqual(1 + 48 / 6);
  });

  it('keeps every Secret while AWS is down, and refreshes all soon after', async () => {
    const names = Array.from({ length: 10 }, (_, n) => `team-${n}`);
    rig.controller.start();
    for (const name of names) rig.cluster.put(aNamespace({ name, uid: `uid-${name}` }));
    await rig.clock.advance(5 * HOUR_MS);
    rig.newWrites();
    const down = new TransientError('minting: 503', { code: 'ECR_FAILED' });
    rig.minter.failNext(down, 10_000);

    await rig.clock.advance(5 * HOUR_MS);
    expect(rig.newWrites()).toEqual([]);

    rig.minter.heal();
    await rig.clock.advance(90_000);
    expect([...rig.newWrites()].sort()).toEqual(names.map((name) => `writeSecret ${name}`).sort());
  });

  it('repairs at once what somebody undoes, without a mint', async () => {
    rig.controller.start();
    rig.cluster.put(aNamespace());
    await rig.clock.advance(1_000);
    rig.newWrites();

    rig.cluster.deleteSecret('team-a');
    rig.cluster.change('team-a', { serviceAccounts: [aServiceAccount()] }, 'serviceaccounts');
    await settle();

    expect([...rig.newWrites()].sort()).toEqual(['attach team-a/default', 'writeSecret team-a']);
    expect(rig.minter.calls).toHaveLength(1);
  });

  it('removes after the grace period, and not if the namespace opts in again within it', async () => {
    rig.controller.start();
    rig.cluster.put(aNamespace());
    await rig.clock.advance(1_000);
    rig.newWrites();

    rig.cluster.change('team-a', { annotations: annotationsOf({ enabled: 'false' }) });
    await rig.clock.advance(9 * MINUTE_MS);
    rig.cluster.change('team-a', { annotations: annotationsOf({ enabled: 'true' }) });
    await rig.clock.advance(HOUR_MS);
    expect(rig.newWrites()).toEqual(['annotateSecret team-a', 'annotateSecret team-a']);

    rig.cluster.change('team-a', { annotations: annotationsOf({ enabled: 'false' }) });
    await rig.clock.advance(10 * MINUTE_MS + 1_000);
    expect(rig.newWrites()).toEqual([
      'annotateSecret team-a',
      'detach team-a/default',
      'deleteSecret team-a',
    ]);
  });

  it('recovers from a clock that was a day ahead and is set right', async () => {
    rig.clock.jump(24 * HOUR_MS);
    // What AWS says lies in the past of such a clock and is not believed.
    rig.minter.expiryTrusted = false;
    rig.minter.lifeMs = HOUR_MS;
    rig.controller.start();
    rig.cluster.put(aNamespace());
    await rig.clock.advance(1_000);

    rig.clock.jump(-24 * HOUR_MS);
    rig.minter.expiryTrusted = true;
    rig.minter.lifeMs = 12 * HOUR_MS;
    await rig.clock.advance(60_000);

    const [token] = rig.cluster.get('team-a').pullSecret?.tokens ?? [];
    expect(token?.mintedAt.getTime()).toBeLessThanOrEqual(rig.clock.now().getTime());
    expect(rig.minter.calls).toHaveLength(2);
    await rig.clock.advance(HOUR_MS);
    expect(rig.minter.calls).toHaveLength(2);
  });
});

describe('a port that throws what it must not', () => {
  it.each(['writeSecret', 'attach', 'annotateSecret'] as const)(
    'does not end the loop: %s',
    async (call) => {
      rig.cluster.failNext(call, new TypeError('a fault of ours'), 3);
      rig.controller.start();
      rig.cluster.put(aSettledNamespace({ serviceAccounts: [aServiceAccount()] }));
      rig.cluster.changeSecret(
        'team-a',
        call === 'annotateSecret' ? { labelsWhole: false } : { tamperedWith: ['data'] },
      );
      await rig.clock.advance(5_000);

      expect(rig.newWrites()).toHaveLength(2);
      expect(rig.log.messages('error')).toContain('step failed by a fault of the program');
    },
  );

  it('does not end the loop where nobody expects it: configuration, caches, metrics', async () => {
    const faults: (() => never)[] = [];
    const maybeThrow = (): void => {
      faults.shift()?.();
    };
    const { context } = rig;
    rig = new ControllerRig({
      measurements: {
        ...context.measurements,
        reconciled: maybeThrow,
      },
    });
    const fault = (): never => {
      throw new TypeError('a fault of ours');
    };
    faults.push(...Array.from({ length: 40 }, () => fault));
    rig.controller.start();
    for (let n = 0; n < 30; n++) rig.cluster.put(aNamespace({ name: `team-${n}` }));
    await rig.clock.advance(HOUR_MS);

    expect(rig.cluster.dockerConfigs.size).toBe(30);
    rig.cluster.deleteSecret('team-1');
    await rig.clock.advance(HOUR_MS);
    expect(rig.cluster.get('team-1').pullSecret).toBeDefined();
  });

  it('starts with a short delay again once all was well', async () => {
    rig.cluster.failNext('writeSecret', new Error('for a while'), 8);
    rig.controller.start();
    rig.cluster.put(aNamespace({ serviceAccounts: [] }));
    await rig.clock.advance(5 * MINUTE_MS);
    rig.newWrites();

    rig.cluster.failNext('writeSecret', new Error('once'));
    rig.cluster.deleteSecret('team-a');
    await rig.clock.advance(200);

    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
  });

  it('serves others while more namespaces than it has workers wait for a token', async () => {
    rig.minter.hang();
    rig.controller.start();
    for (let n = 0; n < 40; n += 1) rig.cluster.put(aNamespace({ name: `waits-${n}` }));
    await settle();
    rig.newWrites();
    rig.cluster.put(aNamespace({ name: 'late' }));
    await settle();
    expect(rig.newWrites()).toEqual(['attach late/default']);

    rig.minter.release();
    await rig.clock.advance(1_000);
    expect(rig.newWrites().filter((write) => write.startsWith('writeSecret'))).toHaveLength(41);
    expect(rig.minter.calls).toHaveLength(1);
  });

  it('writes a token whose mint ends before the pass that needs it', async () => {
    const { promise: gate, resolve: openGate } = Promise.withResolvers<void>();
    rig = new ControllerRig({
      serviceAccounts: {
        attach: async (account, ...rest) => {
          await gate;
          await rig.cluster.serviceAccountPort.attach(account, ...rest);
        },
        detach: () => Promise.resolve(),
      },
    });
    rig.controller.start();
    rig.cluster.put(aNamespace());
    await settle();
    expect(rig.context.tokens.held(anIdentity())).toBeDefined();
    expect(rig.newWrites()).toEqual([]);
    openGate();
    await settle();

    expect([...rig.newWrites()].sort()).toEqual(['attach team-a/default', 'writeSecret team-a']);
  });

  it('backs off up to a minute', async () => {
    rig.cluster.failNext('writeSecret', new Error('always'), 10_000);
    rig.controller.start();
    rig.cluster.put(aNamespace({ serviceAccounts: [] }));
    await rig.clock.advance(HOUR_MS);

    const passes = rig.measured.filter((line) => line === 'reconciled:retry').length;
    expect(passes).toBeGreaterThanOrEqual(60);
    expect(passes).toBeLessThan(120);
  });
});

describe('stopping', () => {
  it('lets passes under way finish, starts no other, and leaves no timer', async () => {
    const { promise: gate, resolve: openGate } = Promise.withResolvers<void>();
    rig = new ControllerRig({
      serviceAccounts: {
        attach: async (account, signal) => {
          await gate;
          await rig.cluster.serviceAccountPort.attach(account, signal);
        },
        detach: () => Promise.resolve(),
      },
    });
    rig.controller.start();
    rig.cluster.put(aNamespace());
    await settle();
    const stopping = rig.controller.stop(5_000);
    rig.cluster.put(aNamespace({ name: 'too-late' }));
    await rig.clock.advance(1_000);
    openGate();
    await stopping;

    expect(rig.newWrites()).toEqual(['attach team-a/default']);
    expect(rig.clock.pending).toBe(0);
  });

  it('does not wait for a token, nor writes one that comes later', async () => {
    rig.minter.hang();
    rig.controller.start();
    rig.cluster.put(aNamespace());
    await settle();
    await rig.controller.stop(5_000);
    rig.minter.release();
    await rig.clock.advance(MINUTE_MS);

    expect(rig.newWrites()).toEqual(['attach team-a/default']);
    expect(rig.minter.calls).toHaveLength(1);
  });

  it('aborts what does not finish in time', async () => {
    let isAborted = false;
    rig = new ControllerRig({
      serviceAccounts: {
        attach: (_account, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              isAborted = true;
              reject(signal.reason as Error);
            });
          }),
        detach: () => Promise.resolve(),
      },
    });
    rig.controller.start();
    rig.cluster.put(aNamespace());
    await settle();
    const stopping = rig.controller.stop(5_000);
    await rig.clock.advance(5_000);
    await stopping;

    expect(isAborted).toBe(true);
  });
});

describe('an abort of our own', () => {
  it('is no fault of the program', async () => {
    const { cluster } = rig;
    rig = new ControllerRig({
      cluster,
      serviceAccounts: {
        attach: (_account, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error));
          }),
        detach: () => Promise.resolve(),
      },
    });
    cluster.put(aSettledNamespace({ serviceAccounts: [aServiceAccount()] }));
    rig.queue.add('team-a', 'new');
    rig.controller.start();
    await settle();

    const stopping = rig.controller.stop(1_000);
    await rig.clock.advance(1_000);
    await stopping;

    expect(rig.log.messages('error')).toEqual([]);
    expect(rig.log.messages('debug')).toContain('step failed');
  });
});

describe('a sweep', () => {
  it('looks at every namespace and writes nothing where all is well', async () => {
    for (let n = 0; n < 5; n++) rig.cluster.put(aSettledNamespace({ name: `team-${n}` }));
    rig.controller.start();
    await settle();
    rig.measured.length = 0;

    rig.controller.sweep();
    await settle();

    expect(rig.measured).toEqual(Array.from({ length: 5 }, () => 'reconciled:recheckAt'));
    expect(rig.newWrites()).toEqual([]);
  });
});

describe('a run of thousands of short passes', () => {
  it('lets the rest of the process have its turn, and comes to its end', async () => {
    for (let n = 0; n < 5_000; n++) rig.cluster.put(aSettledNamespace({ name: `team-${n}` }));
    const passesAtTurns: number[] = [];
    rig.controller.start();
    do {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      passesAtTurns.push(rig.measured.length);
    } while (rig.measured.length < 5_000 && passesAtTurns.length < 1_000);

    expect(passesAtTurns.at(-1)).toBe(5_000);
    expect(passesAtTurns[0]).toBeLessThanOrEqual(600);
    expect(passesAtTurns.length).toBeGreaterThanOrEqual(8);
  });
});

describe('a clock that was ahead and is set right', () => {
  it('makes every Secret be refreshed with one mint, however long mint and writes take', async () => {
    rig.minter.lifeMs = 9 * HOUR_MS;
    rig.controller.start();
    for (let n = 0; n < 60; n++) rig.cluster.put(aNamespace({ name: `team-${n}` }));
    await rig.clock.advance(MINUTE_MS);
    rig.newWrites();
    // AWS's clock was right all the time.
    rig.clock.jump(-3 * HOUR_MS);
    rig.minter.lifeMs = 12 * HOUR_MS;
    answerAfter(50);
    rig.cluster.before('writeSecret', () => rig.clock.jump(500));
    await rig.clock.advance(MINUTE_MS);

    expect(rig.newWrites().filter((write) => write.startsWith('writeSecret'))).toHaveLength(60);
    expect(rig.minter.calls).toHaveLength(2);
  });

  function answerAfter(delayMs: number): void {
    const mint = rig.minter.mint.bind(rig.minter);
    rig.minter.mint = async (identity, signal) => {
      const token = await mint(identity, signal);
      rig.clock.jump(delayMs);
      return token;
    };
  }
});

describe('two leaders with different configurations', () => {
  it('do not write against each other without end', async () => {
    const asWritten = { registries: ['another'] };
    const other = new ControllerRig({
      ...portsOf(rig),
      settings: () => someSettings({ profiles: [aProfile('default', { asWritten })] }),
    });
    rig.cluster.listen((change) => {
      rig.controller.notice(change);
      other.controller.notice(change);
      if (rig.cluster.writes.length > 1_000) throw new Error('a hot loop of writes');
    });
    rig.controller.start();
    other.controller.start();
    rig.cluster.put(aNamespace());
    for (let n = 0; n < 30; n++) await rig.clock.advance(1_000);

    expect(rig.newWrites().length).toBeLessThanOrEqual(12);
    expect([...rig.newWarnings(), ...other.newWarnings()]).toContain('AttachConflict');
  });

  /** The other one lives in the same cluster, at the same time. */
  function portsOf({ context }: ControllerRig): Partial<ReconcileContext> {
    const { cluster, clock, namespaces, pullSecrets, serviceAccounts, tokens } = context;
    return { cluster, clock, namespaces, pullSecrets, serviceAccounts, tokens };
  }
});
