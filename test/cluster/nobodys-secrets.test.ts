/** Secrets with our labels in namespaces that are not opted in: copies, and what a backup restored at the wrong time. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll, itLeavesNothing } from '../support/suite/close-after-all.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import { INSTALLED_AS } from '../support/cluster/install.ts';
import { SECRET_NAME, secretPath } from '../support/cluster/opted-in.ts';
import { BUILT, type ProgramRun, runProgram } from '../support/process/program-process.ts';
import { Rig } from '../support/cluster/rig.ts';

/** Enough to engage the brake if they counted. */
const CLONED = Array.from({ length: 10 }, (_, index) => `cloned-${index}`);
const REPLICATED = Array.from({ length: 10 }, (_, index) => `replicated-${index}`);
const COPIES = [...CLONED, ...REPLICATED];
const [REFERENCED = '', UNUSED = ''] = COPIES;

describe('copies of our Secret in namespaces that are not opted in', () => {
  let rig: Rig;
  let before: readonly object[];
  let since: Date;
  const states = (): Promise<readonly object[]> => Promise.all(COPIES.map(stateIn));
  const stateIn = async (name: string): Promise<object> => identityOf(await rig.secret(name));

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'own', namespaces: ['source', ...COPIES] });
    await rig.optIn('source');
    await rig.run();
    const source = await rig.untilReady('source');
    for (const name of COPIES) await rig.namespace(name);
    since = new Date();
    for (const name of CLONED) await restore(rig, name, source);
    for (const name of REPLICATED) {
      await rig.admin.apply(secretPath(name), copyOf(source), 'replicator');
    }
    await rig.setReferences(REFERENCED, [SECRET_NAME]);
    before = await states();
  });
  closeAfterAll(() => [rig]);

  it('are reported once where a ServiceAccount references one, and nowhere else', async () => {
    await rig.untilEvent(REFERENCED, 'SecretNotOwned');
    await rig.requeue(...COPIES);

    expect(await rig.events(REFERENCED)).toMatchObject([{ reason: 'SecretNotOwned', count: 1 }]);
    expect(await rig.events(UNUSED)).toEqual([]);
  });

  it('are never written, nor managed or pending', async () => {
    await rig.requeue(...COPIES);

    expect(await states()).toEqual(before);
    expect(await rig.writes(since)).toEqual([]);
    const metrics = await rig.controller.metrics();
    expect(metrics.value('ecr_pull_secrets_managed_secrets')).toBe(1);
    expect(metrics.value('ecr_pull_secrets_removals_pending')).toBe(0);
    expect(metrics.value('ecr_pull_secrets_removal_brake_engaged')).toBe(0);
    expect(metrics.value('ecr_pull_secrets_namespaces_stalled') ?? 0).toBe(0);
  });

  it('stay when cleanup removes everything, which takes their references', async () => {
    const run = await cleanUp(rig);

    expect([run.code, run.errors]).toEqual([0, expect.any(String)]);
    expect(await rig.findSecret('source')).toBeUndefined();
    expect(await states()).toEqual(before);
    expect(await rig.references(REFERENCED)).toEqual([]);
  });

  itLeavesNothing(() => rig);
});

describe('a restored Secret whose namespace loses its opt-in before its first refresh, as AWS is down', () => {
  let rig: Rig;
  const restored = 'lost-opt-in';
  const config = (pull: string): string =>
    `namespaces: {selector: {matchLabels: {pull: "${pull}"}}}\nremoval: {gracePeriod: 1s}`;

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'own', namespaces: ['source', restored] });
    await rig.optIn('source');
    await rig.run({ config: config('yes') });
    const source = await rig.untilReady('source');
    await rig.controller.kill();
    rig.aws.ecrMode = { kind: 'cut' };
    await rig.namespace(restored, { labels: { pull: 'yes' } });
    await restore(rig, restored, source);
    await rig.run({ config: config('yes') });
    await rig.untilReady(restored);
  });
  closeAfterAll(() => [rig]);

  it('is nobody’s: it stays as it is when AWS is back, and is reported', async () => {
    const before = identityOf(await rig.secret(restored));
    await rig.changeConfig(config('no'));
    await rig.untilEvent(restored, 'SecretNotOwned', 30_000);
    rig.aws.ecrMode = { kind: 'ok' };
    await rig.requeue(restored);

    expect(identityOf(await rig.secret(restored))).toEqual(before);
    expect(await rig.references(restored)).toEqual([SECRET_NAME]);
  });

  it('stays when cleanup removes everything, which takes its references', async () => {
    const file = join(rig.controlPlane.dir, 'no.yaml');
    await writeFile(file, config('no'));
    const run = await cleanUp(rig, { ECR_PULL_SECRETS_CONFIG: file });

    expect(run.code).toBe(0);
    expect(await rig.findSecret(restored)).toBeDefined();
    expect(await rig.references(restored)).toEqual([]);
  });

  itLeavesNothing(() => rig);
});

/** The controller runs without a Lease here, so that cleanup can't pause it. */
async function cleanUp(rig: Rig, env: Readonly<Record<string, string>> = {}): Promise<ProgramRun> {
  await rig.controller.kill();
  return runProgram(
    ['cleanup', '--yes', '--orphaned-references'],
    {
      ECR_PULL_SECRETS_KUBECONFIG: await rig.controlPlane.kubeconfigFor(INSTALLED_AS),
      ECR_PULL_SECRETS_NAMESPACE: INSTALLED_AS.namespace,
      ...env,
    },
    BUILT,
  );
}

/** As a cloning policy or a backup tool creates it: with labels and annotations, and an entry of its own. */
async function restore({ admin }: Rig, namespace: string, source: KubeObject): Promise<void> {
  await admin.create(`/api/v1/namespaces/${namespace}/secrets`, copyOf(source));
}

function copyOf({ type, data, metadata }: KubeObject): object {
  const { name, labels, annotations } = metadata;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type,
    data,
    metadata: { name, labels, annotations },
  };
}

function identityOf({ metadata }: KubeObject): object {
  return { uid: metadata.uid, resourceVersion: metadata.resourceVersion };
}
