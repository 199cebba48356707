import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../../src/controller/outcome.ts';
import type { ReconcileContext } from '../../../src/controller/reconcile-context.ts';
import { StalledError, TransientError } from '../../../src/domain/errors.ts';
import type { Profile, ProfileState } from '../../../src/domain/settings.ts';
import { configHashOf } from '../../../src/domain/write-reason.ts';
import {
  HOUR_MS,
  MINUTE_MS,
  aFaultyProfile,
  aMatcher,
  aNamespace,
  aProfile,
  aPullSecret,
  aTokenRecord,
  anIdentity,
  annotationsOf,
  hostOf,
  inMs,
  someSettings,
} from '../../support/builders.ts';
import { ControllerRig } from '../../support/controller-rig.ts';

const ROLE = 'arn:aws:iam::999999999999:role/of-another-team';
const denied = new StalledError(`minting ECR token in eu-west-1: AssumeRole of ${ROLE} denied`, {
  code: 'STS_DENIED',
  eventReason: 'TokenRequestDenied',
});
const nobodys = aMatcher({ names: ['nobody'] });

let rig: ControllerRig;
let context: ReconcileContext;

beforeEach(() => {
  rig = new ControllerRig();
  context = rig.context;
  configure(aProfile('a'), aProfile('b'));
});

function configure(...profiles: readonly (Profile | ProfileState)[]): void {
  rig.settings = someSettings({ profiles });
}

function optIn(profiles: string): void {
  const annotations = annotationsOf({ enabled: 'true', profiles });
  rig.cluster.put(aNamespace({ annotations, serviceAccounts: [] }));
}

function want(profiles: string): void {
  rig.cluster.change('team-a', { annotations: annotationsOf({ enabled: 'true', profiles }) });
}

function look(): Promise<Outcome> {
  return rig.look('team-a', context);
}

/** Until a pass writes nothing; fails where that never comes. */
async function lookUntilQuiet(): Promise<void> {
  for (let round = 0; round < 6; round++) {
    const before = rig.cluster.writes.length;
    await look();
    if (rig.cluster.writes.length === before) return;
  }
  throw new Error('it never comes to rest');
}

function restart(): void {
  context = rig.restarted();
}

/** Which of the numbered tokens stands for each profile. */
function held(): Readonly<Record<string, number>> {
  const { auths } = JSON.parse(rig.cluster.dockerConfigs.get('team-a') ?? '{"auths":{}}') as {
    auths: Record<string, { auth: string }>;
  };
  const names = ['a', 'b', 'c', 'default'].filter((name) => auths[hostOf(name)] !== undefined);
  return Object.fromEntries(
    names.map((name) => [name, Number(/\d+$/.exec(atob(auths[hostOf(name)]?.auth ?? ''))?.[0])]),
  );
}

function recorded(): readonly string[] {
  const tokens = rig.cluster.get('team-a').pullSecret?.tokens ?? [];
  return tokens.map(({ profile }) => profile);
}

function messages(): readonly string[] {
  return rig.cluster.events.map(({ reason, message }) => `${reason}: ${message}`);
}

describe('a namespace with several profiles', () => {
  it('gets the tokens of all in one Secret, one mint for each identity', async () => {
    optIn('a,b');
    await lookUntilQuiet();

    expect(held()).toEqual({ a: 1, b: 2 });
    expect(recorded()).toEqual(['a', 'b']);
    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
  });

  it('loses at once what it takes off its list, and gets at once what it adds', async () => {
    configure(aProfile('a'), aProfile('b'), aProfile('c'));
    optIn('a,b');
    await lookUntilQuiet();
    want('c,a');
    await lookUntilQuiet();

    expect(held()).toEqual({ a: 1, c: 3 });
    expect(rig.cluster.reads).toEqual([]);
  });

  it('shares the token where two profiles have one identity', async () => {
    const identity = anIdentity('a');
    configure(aProfile('a'), aProfile('b', { grants: [{ identity, hosts: [hostOf('b')] }] }));
    optIn('a,b');
    await lookUntilQuiet();

    expect(held()).toEqual({ a: 1, b: 1 });
    expect(recorded()).toEqual(['a', 'b']);
  });

  it.each([
    ['the first', 'a'],
    ['the last', 'b'],
  ])(
    'gets no token older than the newest of one identity, also where that is %s',
    async (_, of) => {
      const identity = anIdentity('a');
      const profiles = [
        aProfile('a'),
        aProfile('b', { grants: [{ identity, hosts: [hostOf('b')] }] }),
      ];
      configure(...profiles);
      const another = {
        name: 'team-b',
        annotations: annotationsOf({ enabled: 'true', profiles: 'a' }),
      };
      rig.cluster.put(aNamespace({ ...another, serviceAccounts: [] }));
      await rig.look('team-b', context);
      await rig.clock.advance(MINUTE_MS);
      // Another replica got one for the namespace after ours; what the other profile has is due.
      const tokens = ['a', 'b'].map((profile) => {
        const mintedMs = profile === of ? MINUTE_MS / 2 : -8 * HOUR_MS;
        const [mintedAt, expiresAt] = [inMs(mintedMs), inMs(mintedMs + 12 * HOUR_MS)];
        return aTokenRecord({ profile, identity: identity.hash, mintedAt, expiresAt });
      });
      const pullSecret = aPullSecret({ tokens, configHash: configHashOf(profiles) });
      const annotations = annotationsOf({ enabled: 'true', profiles: 'a,b' });
      rig.cluster.put(aNamespace({ annotations, serviceAccounts: [], pullSecret }));
      await lookUntilQuiet();

      expect(held()).toEqual({ a: 2, b: 2 });
    },
  );

  it('uses the first of two that list the same registry, and says which', async () => {
    const rival = aProfile('b', { grants: [{ identity: anIdentity('b'), hosts: [hostOf('a')] }] });
    configure(aProfile('a'), rival);
    optIn('b,a');
    await lookUntilQuiet();

    expect(recorded()).toEqual(['b']);
    expect(rig.minter.calls).toHaveLength(1);
    const [conflict = ''] = messages().filter((text) => text.startsWith('RegistryConflict'));
    for (const word of ['"a"', '"b"', hostOf('a')]) expect(conflict).toContain(word);
  });
});

describe('a profile whose token is not to be had', () => {
  beforeEach(() => rig.minter.refuse(anIdentity('b'), denied));

  it('leaves the others alone from the start, and is told by its name, without the role', async () => {
    optIn('a,b');
    const outcome = await look();

    expect(held()).toEqual({ a: 1 });
    expect(outcome.kind).toBe('recheckAt');
    const [told = ''] = messages().filter((text) => text.startsWith('TokenRequestDenied'));
    expect(told).toMatch(/^TokenRequestDenied: profile "b": minting/);
    expect(messages().join()).not.toMatch(/arn:|999999999999/);
    expect(JSON.stringify(rig.log.lines)).toContain(ROLE);
  });

  it('causes no write, no read and no mint of the others again and again', async () => {
    optIn('a,b');
    await lookUntilQuiet();
    rig.newWrites();
    for (let minute = 0; minute < 60; minute++) {
      await rig.clock.advance(MINUTE_MS);
      await look();
    }

    expect(rig.newWrites()).toEqual([]);
    expect(rig.cluster.reads).toEqual([]);
    const ofA = rig.minter.calls.filter(({ identity }) => identity === anIdentity('a').hash);
    expect(ofA).toHaveLength(1);
  });

  it('gets its entry when AWS gives it', async () => {
    optIn('a,b');
    await lookUntilQuiet();
    rig.minter.heal();
    await rig.clock.advance(MINUTE_MS);
    await lookUntilQuiet();

    expect(held()).toEqual({ a: 1, b: 3 });
  });
});

describe('a profile whose token can no longer be had', () => {
  beforeEach(async () => {
    optIn('a,b');
    await lookUntilQuiet();
    rig.newWrites();
    rig.minter.refuse(anIdentity('b'), denied);
    await rig.clock.advance(8 * HOUR_MS);
  });

  it('keeps its last entry from memory while the others are refreshed', async () => {
    await lookUntilQuiet();

    expect(held()).toEqual({ a: 3, b: 2 });
    expect(rig.cluster.reads).toEqual([]);
    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
  });

  it('keeps it after a restart too: the content is read back once', async () => {
    restart();
    await lookUntilQuiet();
    await rig.clock.advance(MINUTE_MS);
    await lookUntilQuiet();

    expect(held()).toEqual({ a: 3, b: 2 });
    expect(rig.cluster.reads).toEqual(['team-a']);
    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
  });

  it('loses its entry when that has expired and another is written', async () => {
    await lookUntilQuiet();
    await rig.clock.advance(7 * HOUR_MS);
    await lookUntilQuiet();

    expect(held()).toEqual({ a: expect.any(Number) });
    expect(recorded()).toEqual(['a']);
  });

  it('keeps the others from being written when the Secret changed while it was read', async () => {
    restart();
    rig.cluster.before('readBack', () => rig.cluster.changeSecret('team-a', {}));
    const outcome = await look();

    expect(outcome).toEqual({ kind: 'retry' });
    expect(rig.newWrites()).toEqual([]);
    expect(held()).toEqual({ a: 1, b: 2 });
  });

  it('is asked for alone where the others are not due: no mint of theirs, no write', async () => {
    // The first of its tokens is fresh, after a restart that has forgotten it.
    rig.minter.heal();
    await lookUntilQuiet();
    const calls = rig.minter.calls.length;
    rig.newWrites();
    configure(aProfile('a'), aProfile('b'), aProfile('c'));
    rig.minter.refuse(anIdentity('c'), denied);
    want('a,b,c');
    restart();
    await lookUntilQuiet();

    expect(rig.minter.calls.slice(calls).map(({ identity }) => identity)).toEqual([
      anIdentity('c').hash,
    ]);
    expect(rig.newWrites()).toEqual([]);
    expect(rig.cluster.reads).toEqual([]);
  });
});

describe('a profile that cannot be used any more', () => {
  beforeEach(async () => {
    optIn('a,b');
    await lookUntilQuiet();
    rig.newWrites();
  });

  it.each([
    ['absent', []],
    ['faulty', [aFaultyProfile('b')]],
  ])('stays while it lives and is refreshed no more: %s', async (_, rest) => {
    configure(aProfile('a'), ...rest);
    await lookUntilQuiet();
    expect(rig.newWrites()).toEqual([]);

    await rig.clock.advance(8 * HOUR_MS);
    await lookUntilQuiet();
    expect(held()).toEqual({ a: 3, b: 2 });

    await rig.clock.advance(8 * HOUR_MS);
    await lookUntilQuiet();
    expect(held()).toEqual({ a: 4 });
    expect(recorded()).toEqual(['a']);
  });

  it('stays though expired where it is the only one', async () => {
    configure();
    await rig.clock.advance(24 * HOUR_MS);
    await lookUntilQuiet();

    expect(held()).toEqual({ a: 1, b: 2 });
    expect(rig.newWrites()).toEqual([]);
  });

  it('stays though expired where what stood beside it is taken off the list', async () => {
    configure();
    await rig.clock.advance(24 * HOUR_MS);
    want('b');
    await lookUntilQuiet();

    expect(held()).toEqual({ b: 2 });
    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
  });

  it('gives nobody a token from memory for a record that was forged', async () => {
    configure(aProfile('a'), aProfile('b', { allowedNamespaces: nobodys }));
    const { pullSecret } = rig.cluster.get('team-a');
    const [ofA, ofB] = pullSecret?.tokens ?? [];
    if (ofA === undefined || ofB === undefined) throw new Error('no tokens');
    // As one who writes with our manager's name: the record says what this process holds, the data does not.
    const data = { auths: { [hostOf('a')]: { auth: btoa('AWS:token-1') } } };
    rig.cluster.dockerConfigs.set('team-a', JSON.stringify(data));
    await rig.clock.advance(8 * HOUR_MS);
    await lookUntilQuiet();

    expect(held()).toEqual({ a: 3 });
  });
});

describe('a profile that a namespace may not use any more', () => {
  const withdrawn = aProfile('b', { allowedNamespaces: nobodys });

  beforeEach(async () => {
    optIn('a,b');
    await lookUntilQuiet();
    rig.newWrites();
    configure(aProfile('a'), withdrawn);
  });

  it('goes after the grace period, and people are told', async () => {
    await lookUntilQuiet();
    expect(rig.newWrites()).toEqual(['annotateSecret team-a']);
    expect(held()).toEqual({ a: 1, b: 2 });

    await rig.clock.advance(10 * MINUTE_MS);
    await lookUntilQuiet();

    expect(rig.newWrites()).toEqual(['writeSecret team-a', 'annotateSecret team-a']);
    expect(held()).toEqual({ a: 1 });
    expect(rig.cluster.get('team-a').pullSecret?.removalDueAt).toBeUndefined();
    expect(messages()).toContainEqual(expect.stringMatching(/^ProfileWithdrawn: .*profile "b"/));
  });

  it('gets no new token meanwhile, though the others do', async () => {
    await rig.clock.advance(8 * HOUR_MS);
    await lookUntilQuiet();

    expect(held()).toEqual({ a: 3, b: 2 });
    const ofB = rig.minter.calls.filter(({ identity }) => identity === anIdentity('b').hash);
    expect(ofB).toHaveLength(1);
  });

  it('goes though AWS is down, after a restart too', async () => {
    await lookUntilQuiet();
    rig.minter.refuse(anIdentity('a'), new TransientError('down', { code: 'ECR_TIMEOUT' }));
    restart();
    await rig.clock.advance(10 * MINUTE_MS);
    await lookUntilQuiet();

    expect(held()).toEqual({ a: 1 });
    expect(rig.cluster.reads).toEqual(['team-a']);
  });

  it('stays while the brake is engaged', async () => {
    rig.settings = {
      ...rig.settings,
      removal: { gracePeriodMs: 0, brake: { kind: 'count', count: 0 } },
    };
    await lookUntilQuiet();
    await rig.clock.advance(HOUR_MS);
    const outcome = await look();

    expect(held()).toEqual({ a: 1, b: 2 });
    expect(outcome.kind).toBe('recheckAt');
  });

  it('stays where the namespace, read live, is not as it was seen', async () => {
    await lookUntilQuiet();
    rig.newWrites();
    await rig.clock.advance(10 * MINUTE_MS);
    rig.cluster.failNext('confirm', new TransientError('changed', { code: 'CONFLICT' }));
    await look();

    expect(rig.newWrites()).toEqual([]);
  });

  it('takes the Secret with it where nothing else is in it', async () => {
    want('b');
    await lookUntilQuiet();
    // Off the list goes at once, without waiting for the grace of the other one.
    expect(held()).toEqual({ b: 2 });
    await rig.clock.advance(10 * MINUTE_MS);
    await lookUntilQuiet();

    expect(rig.cluster.get('team-a').pullSecret).toBeUndefined();
  });
});
