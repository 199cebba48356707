/** The name of the Secret changes by `helm upgrade`, while Pods of before and after run at once, under the chart's rights and guard. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AdminClient } from '../support/control-plane/admin-client.ts';
import { eventually } from '../support/eventually.ts';
import type { GuardedChild } from '../support/guarded-child.ts';
import {
  accountPath,
  annotationKey,
  ENABLED,
  entriesOf,
  SECRET_NAME as OLD,
  secretPath,
  untilReady,
} from '../support/opted-in.ts';
import { ourRequests } from '../support/our-requests.ts';
import { pullGaps } from '../support/pull-gaps.ts';
import { ReleaseRig } from '../support/release-rig.ts';
import { ToldChanges } from '../support/told-changes.ts';

const NEW = 'registry-access';
const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const HOME = { name: 'ecr-pull-secrets', namespace: 'pulls' };
const USER = `system:serviceaccount:${HOME.namespace}:${HOME.name}`;
const NAMES = Array.from({ length: 10 }, (_, n) => `moving-${n}`);
const NEWCOMER = 'newcomer';
const ALL = [...NAMES, NEWCOMER];

describe('ten namespaces, when helm upgrade gives the Secret another name', () => {
  let rig: ReleaseRig;
  let told: ToldChanges;
  let newcomerVersion: number;
  let upgradedAt: Date;

  beforeAll(async () => {
    rig = await ReleaseRig.open();
    await rig.namespaces(HOME.namespace);
    for (const name of NAMES) await optIn(name);
    await helm(
      'install',
      `config.profiles.default.registries={${HOST}}`,
      'config.removal.gracePeriod=5s',
    );
    const before = [await runPod(), await runPod()];
    for (const name of NAMES) await untilReady(rig.admin, name, 30_000);
    told = await ToldChanges.start(rig.admin);

    await helm('upgrade', `config.secretName=${NEW}`, `config.previousSecretNames={${OLD}}`);
    await untilGuardKnows(NEW);
    upgradedAt = new Date();
    await underOldPods();
    // As a Deployment with maxSurge 1 and maxUnavailable 0 does it.
    for (const pod of before) {
      await rig.untilPodReady(await runPod());
      await rig.stop(pod);
    }
    for (const name of ALL) {
      await eventually({ what: `the move of ${name}`, limitMs: 90_000 }, async () => {
        const entries = await entriesOf(rig.admin, name);
        return entries.join() === NEW && (await rig.admin.find(secretPath(name))) === undefined;
      });
    }
  });
  afterAll(async () => {
    await told.stop();
    await rig.close();
  });

  const optIn = (name: string) =>
    rig.admin.create('/api/v1/namespaces', { metadata: { name, annotations: ENABLED } });
  const runPod = (): Promise<GuardedChild> => rig.runPod(HOME.namespace, HOME.name);
  async function helm(verb: 'install' | 'upgrade', ...values: readonly string[]): Promise<void> {
    const { code, output } = await rig.helmChart(verb, HOME, ...values);
    if (code !== 0) throw new Error(`helm ${verb}: ${output}`);
  }

  /** The API server takes a second or more to judge by a policy that has changed: a Pod takes longer to start than here. */
  async function untilGuardKnows(secretName: string): Promise<void> {
    const account = { namespace: HOME.namespace, serviceAccount: HOME.name };
    const us = await AdminClient.from(await rig.controlPlane.kubeconfigFor(account));
    const path = `${accountPath(HOME.namespace)}?dryRun=All`;
    await eventually({ what: 'the guard of the upgrade', limitMs: 30_000 }, async () =>
      us.mergePatch(path, { imagePullSecrets: [{ name: secretName }] }),
    );
    await us.close();
  }

  /** The Pods of before have their configuration, and the rights and the guard of after. */
  async function underOldPods(): Promise<void> {
    await optIn(NEWCOMER);
    const made = await untilReady(rig.admin, NEWCOMER, 30_000);
    const account = await rig.admin.get(accountPath(NEWCOMER));
    newcomerVersion = Math.max(
      ...[made, account].map(({ metadata: { resourceVersion } }) => Number(resourceVersion)),
    );
    const [first = ''] = NAMES;
    const { metadata } = await rig.admin.get(secretPath(first));
    await rig.admin.mergePatch(`/api/v1/namespaces/${first}`, {
      metadata: { annotations: { [annotationKey('refresh-requested-at')]: 'now' } },
    });
    await eventually({ what: 'a refresh under the old name', limitMs: 30_000 }, async () => {
      const current = await rig.admin.get(secretPath(first));
      return current.metadata.resourceVersion !== metadata.resourceVersion;
    });
  }

  it('leaves no gap, at no version of the cluster', () => {
    expect(pullGaps(told, NAMES)).toEqual([]);
    const secrets = told.inOrder.filter(({ kind }) => kind === 'Secret');
    expect(secrets.filter(({ isGone }) => isGone)).toHaveLength(ALL.length);
  });

  it('leaves none where a namespace had its first Secret from a Pod of before', () => {
    expect(pullGaps(told, [NEWCOMER], newcomerVersion)).toEqual([]);
  });

  it('ends with the new Secret alone, in every namespace', async () => {
    const secrets = await rig.admin.list(
      '/api/v1/secrets?labelSelector=app.kubernetes.io/managed-by=ecr-pull-secrets',
    );
    expect(secrets.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort()).toEqual(
      ALL.map((name) => `${name}/${NEW}`).sort(),
    );
  });

  it('is refused nothing by the rights and the guard, once these are in effect', async () => {
    const requests = await ourRequests(rig, upgradedAt, USER);
    expect(requests.length).toBeGreaterThan(4 * ALL.length);
    const refused = requests.filter(({ code }) => code === 403);
    expect(refused.map(({ verb, uri }) => `${verb} ${uri}`)).toEqual([]);
  });
});
