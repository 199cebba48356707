/** Secrets restored from a backup have our label but not our Apply entry: they heal in place. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll, itLeavesNothing } from '../support/suite/close-after-all.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import { eventually } from '../support/suite/eventually.ts';
import { kubectl, kubectlCreate } from '../support/cluster/kubectl.ts';
import { SECRET_NAME, tokensIn } from '../support/cluster/opted-in.ts';
import { Rig } from '../support/cluster/rig.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const NAMESPACES = Array.from({ length: 8 }, (_, index) => `backup-${index}`);
const ELSEWHERE = 'backup-elsewhere';

describe('pull secrets restored from a backup', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'shared', namespaces: [...NAMESPACES, ELSEWHERE] });
    for (const name of NAMESPACES) await rig.optIn(name);
    await rig.run();
    await rig.untilAllReady(NAMESPACES);
  });
  closeAfterAll(() => [rig]);

  it('heal in place when the controller starts again, with one ECR call and one write each', async () => {
    expect(await rig.controller.stop()).toBe(0);
    const exported = await exportSecrets(rig);
    await Promise.all(NAMESPACES.map(async (name) => rig.deleteSecret(name)));
    await kubectlCreate(rig.controlPlane, exported);
    const restored = inOurNamespaces(await rig.pullSecrets());
    expect(restored.filter(isAppliedByUs)).toEqual([]);
    const startedAt = new Date();

    await rig.run();

    const healed = await eventually({ what: 'all to heal', limitMs: 20_000 }, async () => {
      const secrets = inOurNamespaces(await rig.pullSecrets());
      return secrets.every(isAppliedByUs) ? secrets : undefined;
    });
    expect(healed.map(uidOf)).toEqual(restored.map(uidOf));
    expect(healed.map(tokensIn)).toEqual(NAMESPACES.map(() => ({ [HOST]: 2 })));
    await rig.requeue(...NAMESPACES);
    const writes = await rig.writes(startedAt);
    const expected = NAMESPACES.map((name) => `patch secrets ${name}/${SECRET_NAME} 200`);
    expect([...writes].sort()).toEqual(expected);
    expect(rig.aws.calls).toHaveLength(2);
  });

  it('heal with one write while the controller runs and has the same token in its cache', async () => {
    const [exported] = await exportSecrets(rig);
    if (exported === undefined) throw new Error('nothing was exported');
    const namespace = ELSEWHERE;
    await rig.optIn(namespace, { enabled: 'maybe' });
    const copy = { ...exported, metadata: { ...exported.metadata, namespace } };
    await kubectlCreate(rig.controlPlane, [copy]);
    const restored = await rig.secret(namespace);

    await rig.annotate(namespace, { enabled: 'true' });

    await rig.untilReady(namespace);
    const healed = await rig.untilSecret(namespace, 'the healing', isAppliedByUs);
    expect(healed.metadata.uid).toBe(restored.metadata.uid);
    expect(healed['data']).toEqual(restored['data']);
    await rig.requeue(namespace);
    const after = await rig.secret(namespace);
    expect(after.metadata.resourceVersion).toBe(healed.metadata.resourceVersion);
    expect(await rig.references(namespace)).toEqual([SECRET_NAME]);
    expect(rig.aws.calls).toHaveLength(2);
  });

  it('are as they were, and refreshed as ever, if the tool restores the managedFields too, as Velero does', async () => {
    const [namespace = ''] = NAMESPACES;
    const original = await rig.secret(namespace);
    const { name, labels, annotations, managedFields } = original.metadata;
    const { type, data } = original;
    const marked = { ...labels, 'velero.io/restore-name': 'monday' };
    expect(await rig.controller.stop()).toBe(0);
    await rig.deleteSecret(namespace);
    await rig.admin.create(`/api/v1/namespaces/${namespace}/secrets`, {
      metadata: { name, labels: marked, annotations },
      type,
      data,
    });
    const restored = await rig.patchSecret(namespace, { metadata: { managedFields } });
    expect(isAppliedByUs(restored)).toBe(true);

    await rig.run();

    await rig.requeue(namespace);
    const after = await rig.secret(namespace);
    expect(after.metadata.resourceVersion).toBe(restored.metadata.resourceVersion);
    await rig.annotate(namespace, { 'refresh-requested-at': 'now' });
    const refreshed = await rig.untilSecret(
      namespace,
      'a new token',
      (secret) => tokensIn(secret)[HOST] === 3,
    );
    expect(refreshed.metadata.uid).toBe(restored.metadata.uid);
    expect(refreshed.metadata.labels).toEqual(marked);
  });

  itLeavesNothing(() => rig);
});

async function exportSecrets({ controlPlane }: Rig): Promise<readonly KubeObject[]> {
  const selector = `--field-selector=metadata.name=${SECRET_NAME}`;
  const text = await kubectl(controlPlane, 'get', 'secrets', '-A', selector, '-o', 'json');
  const { items } = JSON.parse(text) as { items: readonly KubeObject[] };
  return inOurNamespaces(items);
}

/** Those of this test's namespaces: the control plane is shared. */
function inOurNamespaces(secrets: readonly KubeObject[]): readonly KubeObject[] {
  return secrets.filter(({ metadata }) => NAMESPACES.includes(metadata.namespace ?? ''));
}

function isAppliedByUs({ metadata }: KubeObject): boolean {
  const entries = metadata.managedFields ?? [];
  return entries.some(
    ({ manager, operation }) => manager === 'ecr-pull-secrets' && operation === 'Apply',
  );
}

function uidOf({ metadata }: KubeObject): string | undefined {
  return metadata.uid;
}
