/** What is written is what the namespace may have at that moment, also where the server had to be asked before. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../../src/controller/outcome.ts';
import type { PullSecrets } from '../../../src/controller/ports.ts';
import type { ReconcileContext } from '../../../src/controller/reconcile-context.ts';
import { reconcileNamespace } from '../../../src/controller/reconcile.ts';
import { StalledError } from '../../../src/domain/errors.ts';
import type { Profile } from '../../../src/domain/settings.ts';
import { configHashOf } from '../../../src/domain/write-reason.ts';
import {
  HOUR_MS,
  MINUTE_MS,
  aMatcher,
  aNamespace,
  aProfile,
  aServiceAccount,
  anIdentity,
  annotationsOf,
  someSettings,
} from '../../support/builders.ts';
import { ControllerRig } from '../../support/controller-rig.ts';

const denied = new StalledError('denied', { code: 'ECR_DENIED' });
const allowedNamespaces = aMatcher({ names: ['nobody'] });
const edited = aProfile('a', { asWritten: 'edited' });

let rig: ControllerRig;

beforeEach(async () => {
  rig = new ControllerRig();
  configure(aProfile('a'), aProfile('b'));
  want('a,b');
  await rig.look();
  rig.newWrites();
});

function configure(...profiles: readonly Profile[]): void {
  rig.settings = someSettings({ profiles });
}

function want(profiles: string, change: Parameters<typeof annotationsOf>[0] = {}): void {
  const annotations = annotationsOf({ enabled: 'true', profiles, ...change });
  if (rig.cluster.observe('team-a') === undefined) {
    rig.cluster.put(aNamespace({ annotations, serviceAccounts: [] }));
  } else rig.cluster.change('team-a', { annotations });
}

function recorded(): readonly string[] {
  const tokens = rig.cluster.get('team-a').pullSecret?.tokens ?? [];
  return tokens.map(({ profile, mintedAt }) => `${profile} ${mintedAt.toISOString()}`);
}

describe('a write for which the content of the Secret is read', () => {
  let after: () => void;
  let context: ReconcileContext;

  beforeEach(async () => {
    await rig.clock.advance(8 * HOUR_MS);
    // There is a token for a, none for b, and b's own is in the Secret alone: the memory is new.
    rig.minter.refuse(anIdentity('b'), denied);
    const restarted = rig.restarted();
    const port = rig.cluster.pullSecretPort;
    context = {
      ...restarted,
      pullSecrets: {
        ...port,
        readBack: async (existing, signal) => {
          const content = await port.readBack(existing, signal);
          after();
          return content;
        },
      },
    };
  });

  async function lookWhile(change: () => void): Promise<Outcome> {
    after = change;
    return rig.look('team-a', context);
  }

  it('is written where nothing changes meanwhile', async () => {
    const [, ofB = ''] = recorded();
    await lookWhile(() => undefined);

    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
    expect(recorded()).toEqual([`a ${rig.clock.now().toISOString()}`, ofB]);
    expect(rig.cluster.reads).toEqual(['team-a']);
  });

  it.each<[string, () => void]>([
    ['loses its right to the profile', () => configure(aProfile('a', { allowedNamespaces }))],
    ['is terminating', () => rig.cluster.change('team-a', { terminating: true })],
    ['is made anew', () => rig.cluster.change('team-a', { uid: 'another' })],
    ['is gone', () => rig.cluster.delete('team-a')],
    ['has its Secret changed', () => rig.cluster.changeSecret('team-a', { configHash: 'x' })],
    ['has its Secret deleted', () => rig.cluster.deleteSecret('team-a')],
  ])('is not where the namespace %s meanwhile: it is looked at again', async (_, change) => {
    const outcome = await lookWhile(change);

    expect(rig.newWrites()).toEqual([]);
    expect(outcome).toEqual({ kind: 'retry' });
  });

  it('is written also where the namespace opts out meanwhile: its grace begins only now', async () => {
    await lookWhile(() => want('a,b', { enabled: 'false' }));

    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
  });

  it('gives no token of a profile that the namespace takes off its list meanwhile', async () => {
    await lookWhile(() => want('b'));

    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
    expect(recorded()).toEqual([expect.stringMatching(/^b /)]);
  });

  it('says of which configuration it is, where that is edited meanwhile', async () => {
    await lookWhile(() => configure(edited, aProfile('b')));

    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
    const { configHash } = rig.cluster.get('team-a').pullSecret ?? {};
    expect(configHash).toBe(configHashOf([edited, aProfile('b')]));
  });

  it('says of no request that it is satisfied that came meanwhile and is not', async () => {
    await lookWhile(() => want('a,b', { refreshRequestedAt: '2' }));

    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
    expect(rig.cluster.get('team-a').pullSecret?.refreshRequestedAt).toBeUndefined();
  });

  it('takes no entry out whose grace ends meanwhile: nobody has confirmed that', async () => {
    configure(aProfile('a'), aProfile('b', { allowedNamespaces }));
    await rig.look('team-a', context);
    expect(rig.newWrites()).toEqual(['annotateSecret team-a']);

    const outcome = await lookWhile(() => rig.clock.jump(10 * MINUTE_MS));

    expect(rig.newWrites()).toEqual([]);
    expect(outcome).toEqual({ kind: 'retry' });
  });
});

describe('a write that takes an entry out', () => {
  beforeEach(async () => {
    configure(aProfile('a'), aProfile('b', { allowedNamespaces }));
    await rig.look();
    await rig.clock.advance(8 * HOUR_MS);
    rig.newWrites();
  });

  it('gives no new token of a profile that is withdrawn while the namespace is read', async () => {
    const [ofA = ''] = recorded();
    rig.cluster.before('confirm', () =>
      configure(aProfile('a', { allowedNamespaces }), aProfile('b', { allowedNamespaces })),
    );
    await rig.look();

    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
    expect(recorded()).toEqual([ofA]);
    expect(rig.minter.calls).toHaveLength(2);
  });

  it('is not written where the Secret is changed while the namespace is read', async () => {
    rig.cluster.before('confirm', () => rig.cluster.changeSecret('team-a', { configHash: 'x' }));
    const outcome = await rig.look();

    expect(rig.newWrites()).toEqual([]);
    expect(outcome).toEqual({ kind: 'retry' });
  });

  it('goes without waiting for AWS, and with what there is of the others', async () => {
    rig.minter.refuse(anIdentity('a'), denied);
    await rig.look();

    expect(rig.newWrites()).toEqual(['writeSecret team-a']);
    expect(recorded()).toEqual([expect.stringMatching(/^a /)]);
  });
});

describe('a write that needs nothing from the server before', () => {
  it('is on its way before the pass first waits, however many ServiceAccounts there are', async () => {
    const port = rig.cluster.pullSecretPort;
    const sent: string[] = [];
    const pullSecrets: PullSecrets = {
      ...port,
      write: (namespace, ...rest) => {
        sent.push(namespace);
        return port.write(namespace, ...rest);
      },
    };
    const serviceAccounts = Array.from({ length: 20 }, (_, n) => aServiceAccount(`app-${n}`));
    rig.cluster.change('team-a', { pullSecret: undefined, serviceAccounts });

    const pass = { signal: new AbortController().signal, lookAgain: () => undefined };
    const looking = reconcileNamespace('team-a', { ...rig.context, pullSecrets }, pass);

    expect(sent).toEqual(['team-a']);
    await looking;
  });
});
