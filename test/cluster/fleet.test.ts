/**
 * Many namespaces with many ServiceAccounts: all get what they need from one token, and a second run changes nothing.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { holdsCanary } from '../support/suite/canary.ts';
import { closeAfterAll } from '../support/suite/close-after-all.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import { eventually } from '../support/suite/eventually.ts';
import { describeRequest, isWrite } from '../support/cluster/our-requests.ts';
import { referencesOf, SECRET_NAME, tokensIn } from '../support/cluster/opted-in.ts';
import { rbacMode } from '../support/suite/rbac-mode.ts';
import { Rig } from '../support/cluster/rig.ts';

/** Under Roles each namespace has three watches of its own: the benchmark measures what 200 of them cost. */
const COUNT = rbacMode() === 'named' ? 200 : 40;
const NAMESPACES = Array.from({ length: COUNT }, (_, index) => `fleet-${index}`);
const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
/** As people have them, including their own references. */
const ACCOUNTS = {
  builder: ['own-a', 'own-b', 'own-a'],
  // Somebody already put our name in twice, between their own.
  runner: ['own-c', SECRET_NAME, 'own-d', SECRET_NAME],
} as const;
const EXPECTED = {
  default: [SECRET_NAME],
  builder: ['own-a', 'own-b', 'own-a', SECRET_NAME],
  runner: ['own-c', SECRET_NAME, 'own-d'],
} as const;

describe(`${COUNT} opted-in namespaces with 3 ServiceAccounts each`, () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'own', namespaces: NAMESPACES });
    await Promise.all(NAMESPACES.map(async (name) => populate(rig, name)));
    await rig.run();
    await untilAllReady(rig);
  });
  closeAfterAll(() => [rig]);

  it('each have a valid pull secret, with the one token that was minted', async () => {
    const secrets = await rig.pullSecrets();

    expect(secrets).toHaveLength(NAMESPACES.length);
    for (const secret of secrets) expect(tokensIn(secret)).toEqual({ [HOST]: 1 });
    expect(rig.aws.calls).toHaveLength(1);
  });

  it("reference it once from every ServiceAccount, with users' own references untouched and in order", async () => {
    const accounts = await accountsOf(rig);

    expect(accounts).toHaveLength(3 * NAMESPACES.length);
    for (const account of accounts) {
      const { name } = account.metadata;
      expect({ [name]: referencesOf(account) }).toEqual({
        [name]: EXPECTED[name as keyof typeof EXPECTED],
      });
    }
  });

  it('are each written once', async () => {
    const writes = await rig.writes();

    expect(writes).toHaveLength(4 * NAMESPACES.length);
    expect(new Set(writes).size).toBe(writes.length);
  });

  it('cause no write and no ECR call when the controller starts again', async () => {
    const stoppedAt = Date.now();
    expect(await rig.controller.stop()).toBe(0);
    // Many Events are still queued; a stopping process waits only a moment for them.
    expect(Date.now() - stoppedAt).toBeLessThan(6_000);
    const restartedAt = new Date();
    const run = await rig.run();
    await eventually({ what: 'a pass for every namespace', limitMs: 30_000 }, async () => {
      const metrics = await run.metrics();
      const passes = metrics.value('ecr_pull_secrets_reconcile_duration_seconds_count') ?? 0;
      return passes >= NAMESPACES.length && metrics.value('workqueue_depth') === 0;
    });

    const writes = (await rig.requests(restartedAt)).filter(isWrite);
    expect(writes.map(describeRequest)).toEqual([]);
    expect(rig.aws.calls).toHaveLength(1);
  });

  it('are counted', async () => {
    const metrics = await rig.controller.metrics();

    expect(metrics.value('ecr_pull_secrets_managed_namespaces')).toBe(NAMESPACES.length);
    expect(metrics.value('ecr_pull_secrets_managed_secrets', { state: 'fresh' })).toBe(
      NAMESPACES.length,
    );
  });

  it('leave no token anywhere else, and no refused request', async () => {
    const [secret] = await rig.pullSecrets();
    // Otherwise the search would prove nothing.
    expect(holdsCanary(JSON.stringify(secret))).toBe(true);
    expect(await rig.violations()).toEqual([]);
  });
});

async function populate(rig: Rig, name: string): Promise<void> {
  await rig.optIn(name);
  await rig.makeAccount(name, 'builder', ACCOUNTS.builder);
  await rig.makeAccount(name, 'runner', ACCOUNTS.runner);
}

async function accountsOf({ admin }: Rig): Promise<readonly KubeObject[]> {
  const all = await admin.list('/api/v1/serviceaccounts');
  return all.filter(({ metadata }) => metadata.namespace?.startsWith('fleet-') === true);
}

async function untilAllReady(rig: Rig): Promise<void> {
  await eventually({ what: 'all to be ready', limitMs: 90_000, everyMs: 250 }, async () => {
    const secrets = await rig.pullSecrets();
    const accounts = await accountsOf(rig);
    const ours = accounts.map((one) => referencesOf(one).filter((entry) => entry === SECRET_NAME));
    return secrets.length === NAMESPACES.length && ours.every(({ length }) => length === 1);
  });
}
