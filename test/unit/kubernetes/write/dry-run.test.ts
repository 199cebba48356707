/** Dry runs through the writers: the server answers as it would, and nothing is changed or cached. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ServiceAccountWriter } from '../../../../src/kubernetes/write/service-account-writer.ts';
import { PullSecretWriter } from '../../../../src/kubernetes/write/pull-secret-writer.ts';
import { entryOf, renderPullSecret } from '../../../../src/domain/state/pull-secret.ts';
import { SimulatedCluster } from '../../../../simulator/simulated-cluster.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { INSTANCE, SECRET_NAME, aToken } from '../../../support/values/builders.ts';
import { RecordedMeasurements } from '../../../support/ports/recorded-measurements.ts';
import {
  cachedAccount,
  cachedSecret,
  transportOver,
} from '../../../support/ports/simulated-transport.ts';

const ATTEMPT = { signal: new AbortController().signal };
const content = renderPullSecret([entryOf('default', ['host.example'], aToken())], {
  configHash: 'hash',
  refreshRequestedAt: undefined,
});

let cluster: SimulatedCluster;
let writers: { readonly secrets: PullSecretWriter; readonly accounts: ServiceAccountWriter };

beforeEach(async () => {
  const clock = new VirtualClock();
  cluster = new SimulatedCluster({ clock });
  cluster.kubectl.createNamespace('team');
  cluster.kubectl.createServiceAccount('team', 'app', {
    imagePullSecrets: [{ name: SECRET_NAME }],
  });
  const transport = transportOver(cluster.wire(), clock);
  const unused = (): never => {
    throw new Error('what a dry run answers with does not exist');
  };
  const deps = {
    transport,
    instance: INSTANCE,
    measurements: new RecordedMeasurements(),
    absorb: unused,
    forget: unused,
  };
  const real = new PullSecretWriter({ ...deps, absorb: () => undefined });
  await real.write('team', content, undefined, ATTEMPT);
  const dry = {
    ...deps,
    isDryRun: true,
    absorb: () => undefined,
    forget: () => undefined,
  };
  writers = {
    secrets: new PullSecretWriter(dry),
    accounts: new ServiceAccountWriter(dry),
  };
});

const secret = () => cachedSecret(cluster, 'team');
const account = () => cachedAccount(cluster, 'team', 'app');
const attempts: readonly (readonly [string, () => Promise<void>])[] = [
  ['a deletion', () => writers.secrets.delete(secret(), ATTEMPT)],
  ['a write', () => writers.secrets.write('team', content, secret(), ATTEMPT)],
  ['an annotation', () => writers.secrets.annotate(secret(), { removalDueAt: 'x' }, ATTEMPT)],
  ['a detachment', () => writers.accounts.detach(account(), ATTEMPT)],
];

describe('a dry run', () => {
  it.each(attempts)('of %s changes nothing', async (_, attempt) => {
    const before = cluster.revision;
    await attempt();

    expect(cluster.revision).toBe(before);
    expect(cluster.requests.at(-1)?.status).toBe(200);
  });

  it.each(attempts)('of %s fails as the real one would', async (_, attempt) => {
    const body = {
      kind: 'Status',
      status: 'Failure',
      reason: 'Forbidden',
      code: 403,
      message: 'no',
    };
    cluster.faults.add({ effect: { kind: 'answer', status: 403, body } });

    await expect(attempt()).rejects.toMatchObject({ code: 'WRITE_REFUSED', isRefusal: true });
  });
});
