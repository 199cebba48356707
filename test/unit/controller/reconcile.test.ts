import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../../src/controller/outcome.ts';
import { StalledError, TransientError, WaitingError } from '../../../src/domain/errors.ts';
import type { ObservedNamespace } from '../../../src/domain/observed.ts';
import { configHashOf } from '../../../src/domain/write-reason.ts';
import {
  HOUR_MS,
  MINUTE_MS,
  NOW,
  SECRET_NAME,
  aForeignSecret,
  aMatcher,
  aNamespace,
  aProfile,
  aPullSecret,
  aServiceAccount,
  aSettledNamespace,
  aTokenRecord,
  anAttachedAccount,
  annotationsOf,
  inMs,
  someSettings,
} from '../../support/builders.ts';
import { ControllerRig } from '../../support/controller-rig.ts';
import { settle } from '../../support/fake-clock.ts';

const optedOut = annotationsOf({ enabled: 'false' });

let rig: ControllerRig;

beforeEach(() => {
  rig = new ControllerRig();
});

function look(name = 'team-a'): Promise<Outcome> {
  return rig.look(name);
}

/** Over a namespace that is as given. */
function lookAt(namespace: ObservedNamespace): Promise<Outcome> {
  rig.cluster.put(namespace);
  return look(namespace.name);
}

describe('a namespace that opts in', () => {
  it('gets a Secret, is attached, and is told', async () => {
    const outcome = await lookAt(aNamespace());

    expect(outcome).toEqual({ kind: 'recheckSoon' });
    expect([...rig.newWrites()].sort()).toEqual(['attach team-a/default', 'writeSecret team-a']);
    expect(rig.cluster.events).toMatchObject([
      { type: 'Normal', reason: 'PullSecretCreated', namespace: 'team-a' },
    ]);
    expect(JSON.parse(rig.cluster.dockerConfigs.get('team-a') ?? '')).toEqual({
      auths: {
        '123456789012.dkr.ecr.eu-west-1.amazonaws.com': { auth: btoa('AWS:token-1') },
      },
    });
  });

  it('has nothing written by the second look, which comes again when it is due', async () => {
    await lookAt(aNamespace());
    rig.newWrites();

    const outcome = await look();

    expect(rig.newWrites()).toEqual([]);
    expect(outcome.kind).toBe('recheckAt');
    const at = outcome.kind === 'recheckAt' ? outcome.at.getTime() - NOW.getTime() : 0;
    expect(at).toBeGreaterThanOrEqual(6 * HOUR_MS);
    expect(at).toBeLessThan(7.2 * HOUR_MS);
  });

  it('is attached while the mint hangs', async () => {
    rig.minter.hang();
    const looking = lookAt(aNamespace());
    await settle();

    expect(rig.newWrites()).toEqual(['attach team-a/default']);

    rig.minter.release();
    await looking;
    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
  });

  it('costs one mint, however many do', async () => {
    const names = Array.from({ length: 50 }, (_, n) => `team-${n}`);
    await Promise.all(names.map((name) => lookAt(aNamespace({ name }))));

    expect(rig.minter.calls).toHaveLength(1);
    expect(rig.cluster.dockerConfigs.size).toBe(50);
  });

  it('is ready when all is in place: measured from first sight, with the mint and what failed', async () => {
    rig.minter.hang();
    rig.cluster.failNext('attach', new TransientError('reset', { code: 'CONNECTION_LOST' }), 2);
    const looking = lookAt(aNamespace());
    await rig.clock.advance(3_000);
    rig.minter.release();
    await looking;
    expect(rig.measured.filter((line) => line.startsWith('namespaceReady'))).toEqual([]);

    await rig.clock.advance(500);
    await look();

    expect(rig.measured.filter((line) => line.startsWith('namespaceReady'))).toEqual([
      'namespaceReady:3500',
    ]);
  });
});

describe('a pass in which something fails', () => {
  it('writes the Secret though a ServiceAccount cannot be attached, and the others', async () => {
    // So that there is a token already, and one pass is enough.
    await lookAt(aNamespace({ name: 'earlier' }));
    rig.newWrites();
    const failure = new TransientError('attaching: refused', {
      code: 'WRITE_REFUSED',
      eventReason: 'WriteRefused',
    });
    rig.cluster.failNext('attach', failure);

    const outcome = await lookAt(
      aNamespace({ serviceAccounts: [aServiceAccount('a'), aServiceAccount('b')] }),
    );

    expect([...rig.newWrites()].sort()).toEqual(['attach team-a/b', 'writeSecret team-a']);
    expect(outcome).toEqual({ kind: 'retry' });
    expect(rig.newWarnings()).toEqual(['WriteRefused']);
  });

  it('attaches though there is no token, tells why, and comes again when there may be one', async () => {
    rig.minter.failNext(
      new StalledError('minting: denied', {
        code: 'ECR_DENIED',
        eventReason: 'TokenRequestFailed',
      }),
    );

    const outcome = await lookAt(aNamespace());

    expect(rig.newWrites()).toEqual(['attach team-a/default']);
    expect(rig.newWarnings()).toEqual(['TokenRequestFailed']);
    expect(outcome.kind).toBe('recheckAt');
  });

  it('changes nothing on a Secret whose refresh fails', async () => {
    const old = aTokenRecord({ mintedAt: inMs(-8 * HOUR_MS), expiresAt: inMs(4 * HOUR_MS) });
    const namespace = aSettledNamespace({ pullSecret: aPullSecret({ tokens: [old] }) });
    rig.minter.failNext(new TransientError('minting: 500', { code: 'ECR_FAILED' }));

    await lookAt(namespace);

    expect(rig.newWrites()).toEqual([]);
    expect(rig.cluster.get('team-a').pullSecret).toEqual(namespace.pullSecret);
  });

  it('has forgotten its trouble once it is over', async () => {
    rig.cluster.failNext(
      'writeSecret',
      new TransientError('quota', { code: 'QUOTA_EXCEEDED', eventReason: 'QuotaExceeded' }),
    );
    await lookAt(aNamespace());
    expect(rig.context.stalls.countByReason()).toEqual(new Map([['QuotaExceeded', 1]]));

    await look();

    expect(rig.context.stalls.countByReason()).toEqual(new Map());
    expect(rig.log.messages('info')).toContain('namespace has recovered');
  });

  it('tells nobody of what passes by itself', async () => {
    rig.cluster.failNext('writeSecret', new TransientError('conflict', { code: 'CONFLICT' }));

    expect(await lookAt(aNamespace())).toEqual({ kind: 'retry' });
    expect(rig.newWarnings()).toEqual([]);
  });

  it('does not forget what the damper holds back', async () => {
    await lookAt(aNamespace());
    for (let n = 0; n < 4; n++) {
      rig.cluster.change('team-a', { serviceAccounts: [aServiceAccount()] }, 'serviceaccounts');
      await look();
    }
    rig.cluster.change('team-a', { serviceAccounts: [aServiceAccount()] }, 'serviceaccounts');
    rig.cluster.changeSecret('team-a', { tamperedWith: ['data'] });
    rig.cluster.failNext('writeSecret', new StalledError('immutable', { code: 'X' }));

    expect(await look()).toEqual({ kind: 'recheckAt', at: inMs(MINUTE_MS) });
  });
});

/** What becomes of a namespace, in the time between two looks or within one. */
const optsOut = () => rig.cluster.change('team-a', { annotations: optedOut });
const isTerminating = () => rig.cluster.change('team-a', { terminating: true });
const isGone = () => rig.cluster.delete('team-a');
const mayNotUseItsProfile = () => {
  rig.settings = someSettings({
    profiles: [aProfile('default', { allowedNamespaces: aMatcher({ names: ['other'] }) })],
  });
};

describe('while the token is being minted', () => {
  async function during(change: () => void): Promise<Outcome> {
    rig.minter.hang();
    const looking = lookAt(aNamespace());
    await settle();
    rig.newWrites();
    change();
    rig.minter.release();
    return looking;
  }

  it.each<[string, () => void]>([
    ['loses the right to its profile', mayNotUseItsProfile],
    ['opts out', optsOut],
    ['is terminating', isTerminating],
    ['is gone', isGone],
    ['gets a foreign Secret', () => rig.cluster.change('team-a', { pullSecret: aForeignSecret() })],
    ['gets a good Secret', () => rig.cluster.change('team-a', { pullSecret: aPullSecret() })],
  ])('a namespace that %s has nothing written', async (_, change) => {
    await during(change);

    expect(rig.newWrites()).toEqual([]);
  });

  it('a namespace that wants another profile gets that one, and nothing of the one before', async () => {
    await during(() => {
      rig.settings = someSettings({ profiles: [aProfile(), aProfile('team-a')] });
      rig.cluster.change('team-a', {
        annotations: annotationsOf({ enabled: 'true', profiles: 'team-a' }),
      });
    });

    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
    expect(rig.cluster.get('team-a').pullSecret?.tokens).toMatchObject([{ profile: 'team-a' }]);
  });

  it('a namespace whose profile is edited gets what it is by then', async () => {
    const edited = aProfile('default', { asWritten: 'edited' });
    await during(() => {
      rig.settings = someSettings({ profiles: [edited] });
    });

    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
    expect(rig.cluster.get('team-a').pullSecret?.configHash).toBe(configHashOf([edited]));
  });

  it('a namespace that is made anew gets it as a new one', async () => {
    await during(() => rig.cluster.put(aNamespace({ uid: 'another' })));

    expect([...rig.newWrites()].sort()).toEqual(['attach team-a/default', 'writeSecret team-a']);
    expect(rig.cluster.events).toMatchObject([{ about: { uid: 'another' } }]);
  });

  it('a namespace that asks for a refresh gets this token, and its request stays open', async () => {
    await during(() => {
      rig.cluster.change('team-a', {
        annotations: annotationsOf({ enabled: 'true', refreshRequestedAt: '2' }),
      });
    });

    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
    expect(rig.cluster.get('team-a').pullSecret?.refreshRequestedAt).toBeUndefined();
  });

  it('a namespace whose Secret got a newer token from another leader keeps that one', async () => {
    const tokens = [aTokenRecord({ mintedAt: inMs(-8 * HOUR_MS), expiresAt: inMs(4 * HOUR_MS) })];
    rig.cluster.put(aSettledNamespace({ pullSecret: aPullSecret({ tokens }) }));
    rig.minter.hang();
    const looking = look();
    await rig.clock.advance(1_000);
    const newer = [aTokenRecord({ mintedAt: inMs(500), expiresAt: inMs(12 * HOUR_MS + 500) })];
    rig.cluster.changeSecret('team-a', { tokens: newer, configHash: 'by another version' });
    rig.minter.release();

    await looking;

    expect(rig.newWrites()).toEqual([]);
  });
});

describe('a Secret of our name that is not ours', () => {
  it('is left alone, told in the namespace, and counted once', async () => {
    const namespace = aNamespace({ pullSecret: aForeignSecret() });

    expect(await lookAt(namespace)).toEqual({ kind: 'idle' });
    await look();

    expect(rig.newWrites()).toEqual([]);
    expect(rig.cluster.events).toMatchObject([
      { reason: 'SecretNotOwned', namespace: 'team-a', about: { kind: 'Namespace' } },
      { reason: 'SecretNotOwned' },
    ]);
    expect(rig.measured).toEqual(['ownershipRefused:SecretNotOwned']);
    expect(rig.context.stalls.countByReason()).toEqual(new Map([['SecretNotOwned', 1]]));
  });

  it('that comes into being as we create ours wins', async () => {
    rig.cluster.before('writeSecret', () =>
      rig.cluster.change('team-a', { pullSecret: aForeignSecret() }, 'secrets'),
    );

    await lookAt(aNamespace({ serviceAccounts: [] }));

    expect(rig.newWrites()).toEqual([]);
  });

  it('and was ours until somebody made it immutable gives an Event', async () => {
    const pullSecret = aPullSecret({ immutableSet: true, tamperedWith: ['data'] });

    const outcome = await lookAt(aSettledNamespace({ pullSecret }));

    expect(rig.newWrites()).toEqual([]);
    expect(rig.newWarnings()).toEqual(['SecretImmutable']);
    expect(outcome).toEqual({ kind: 'idle' });
  });
});

describe('a removal', () => {
  const due = aPullSecret({ removalDueAt: inMs(-1).toISOString() });

  it('stamps, detaches and deletes, a look each', async () => {
    await lookAt(aSettledNamespace({ annotations: optedOut }));
    expect(rig.newWrites()).toEqual(['annotateSecret team-a']);

    expect(await look()).toEqual({ kind: 'recheckAt', at: inMs(10 * MINUTE_MS) });
    await rig.clock.advance(10 * MINUTE_MS);
    await look();
    expect(rig.newWrites()).toEqual(['detach team-a/default']);

    await look();
    expect(rig.newWrites()).toEqual(['deleteSecret team-a']);
    expect(rig.cluster.events.at(-1)).toMatchObject({ reason: 'PullSecretRemoved' });

    expect(await look()).toEqual({ kind: 'idle' });
    expect(rig.newWrites()).toEqual([]);
  });

  it('does not trust the cache for what cannot be undone', async () => {
    rig.cluster.before('confirm', () =>
      rig.cluster.change('team-a', { annotations: annotationsOf({ enabled: 'true' }) }),
    );

    const outcome = await lookAt(aSettledNamespace({ annotations: optedOut, pullSecret: due }));

    expect(outcome).toEqual({ kind: 'retry' });
    expect(rig.newWrites()).toEqual([]);
  });

  it('needs no confirmation to stop listing a ServiceAccount', async () => {
    rig.cluster.failNext('confirm', new Error('not asked'));
    const annotations = annotationsOf({ enabled: 'true', serviceAccounts: 'none' });

    await lookAt(aSettledNamespace({ annotations }));

    expect(rig.newWrites()).toEqual(['detach team-a/default']);
  });

  it('of many at once is stopped entirely, told loudly once, and goes on with a higher limit', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `team-${n}`);
    for (const name of names) {
      const pullSecret = { ...due, namespace: name };
      rig.cluster.put(aSettledNamespace({ name, annotations: optedOut, pullSecret }));
    }

    for (const name of names) {
      expect(await look(name)).toEqual({ kind: 'recheckAt', at: inMs(MINUTE_MS) });
    }
    expect(rig.newWrites()).toEqual([]);
    expect(rig.log.messages('error')).toHaveLength(1);

    rig.settings = someSettings({
      removal: { gracePeriodMs: 10 * MINUTE_MS, brake: { kind: 'count', count: 20 } },
    });
    for (const name of names) await look(name);
    expect(rig.newWrites()).toEqual(names.map((name) => `detach ${name}/default`));
  });
});

describe('a war', () => {
  it('is met with three repairs, then one a minute, and an Event; others are not affected', async () => {
    await lookAt(aNamespace());
    rig.newWrites();
    const undo = () =>
      rig.cluster.change('team-a', { serviceAccounts: [aServiceAccount()] }, 'serviceaccounts');

    for (let second = 0; second < 300; second++) {
      undo();
      await look();
      await rig.clock.advance(1_000);
    }

    expect(rig.newWrites().length).toBeLessThanOrEqual(3 + 5);
    expect(rig.newWarnings()).toEqual(['AttachConflict']);
    await lookAt(aNamespace({ name: 'team-b' }));
    expect(rig.newWrites()).toHaveLength(2);
  });

  it('over the labels does not keep the Secret from its refresh', async () => {
    await lookAt(aNamespace());
    const stripped = { labelsWhole: false, labelledOurs: false };
    for (let hour = 0; hour < 8; hour++) {
      for (let n = 0; n < 10; n++) {
        rig.cluster.changeSecret('team-a', stripped);
        await look();
      }
      await rig.clock.advance(HOUR_MS);
    }

    expect(rig.cluster.dockerConfigs.get('team-a')).toContain(btoa('AWS:token-2'));
  });
});

describe('a restored or deleted Secret', () => {
  it('is put back from the token that is held, without a mint', async () => {
    await lookAt(aNamespace());
    await rig.clock.advance(HOUR_MS);
    rig.cluster.deleteSecret('team-a');

    await look();

    expect(rig.minter.calls).toHaveLength(1);
    expect(rig.cluster.get('team-a').pullSecret).toBeDefined();
  });

  it('is put back without a mint though the namespace once asked for a refresh', async () => {
    const annotations = annotationsOf({ enabled: 'true', refreshRequestedAt: '1' });
    await lookAt(aNamespace({ annotations }));
    await look();
    await look();
    await rig.clock.advance(HOUR_MS);
    rig.cluster.deleteSecret('team-a');

    await look();

    expect(rig.minter.calls).toHaveLength(1);
    expect(rig.cluster.get('team-a').pullSecret?.refreshRequestedAt).toBe('1');
  });

  it('is healed in place', async () => {
    const tampered = aPullSecret({ tamperedWith: ['data'], dataOurs: false });

    await lookAt(aSettledNamespace({ pullSecret: tampered }));

    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
    expect(rig.cluster.get('team-a').pullSecret).toMatchObject({
      uid: tampered.uid,
      tamperedWith: [],
    });
    expect(rig.cluster.events).toMatchObject([{ reason: 'PullSecretRestored' }]);
  });
});

describe('a request for a refresh', () => {
  it('on every namespace costs one mint, and is satisfied', async () => {
    const names = Array.from({ length: 30 }, (_, n) => `team-${n}`);
    for (const name of names) await lookAt(aNamespace({ name }));
    await rig.clock.advance(HOUR_MS);

    for (const name of names) {
      const annotations = annotationsOf({ enabled: 'true', refreshRequestedAt: 'now' });
      rig.cluster.change(name, { annotations });
      await look(name);
      await rig.clock.advance(1_000);
    }
    rig.newWrites();
    for (const name of names) await look(name);

    expect(rig.minter.calls).toHaveLength(2);
    expect(rig.newWrites()).toEqual([]);
  });
});

describe('a namespace that goes', () => {
  it('is forgotten', async () => {
    await lookAt(aNamespace({ pullSecret: aForeignSecret() }));
    rig.cluster.delete('team-a');

    expect(await look()).toEqual({ kind: 'idle' });
    expect(rig.context.stalls.countByReason()).toEqual(new Map());
  });

  it('is left alone quietly while it is going', async () => {
    const outcome = await lookAt(
      aNamespace({ terminating: true, serviceAccounts: [anAttachedAccount()] }),
    );

    expect(outcome).toEqual({ kind: 'idle' });
    expect(rig.newWrites()).toEqual([]);
    expect(rig.cluster.events).toEqual([]);
  });
});

describe('what waits', () => {
  it('comes again at the time that the error names', async () => {
    const until = inMs(30_000);
    rig.cluster.failNext('attach', new WaitingError('wait', { code: 'BUSY', until }));

    expect(await lookAt(aSettledNamespace({ serviceAccounts: [aServiceAccount()] }))).toEqual({
      kind: 'recheckAt',
      at: until,
    });
  });

  it('names only our Secret in entries of ServiceAccounts', async () => {
    const imagePullSecrets = [{ name: 'b' }, { name: 'a' }];
    await lookAt(
      aNamespace({ serviceAccounts: [aServiceAccount('default', { imagePullSecrets })] }),
    );

    expect(rig.cluster.get('team-a').serviceAccounts[0]?.imagePullSecrets).toEqual([
      ...imagePullSecrets,
      { name: SECRET_NAME },
    ]);
  });
});
