/**
 * The built demo, embedded and on a real cluster: it leaves the namespaces of others alone, and leaves nothing behind.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { NAMESPACE_ANNOTATIONS } from '../../src/domain/contract.ts';
import { holdsCanary } from '../support/suite/canary.ts';
import { closeAfterAll } from '../support/suite/close-after-all.ts';
import { DemoProcess } from '../support/process/demo-process.ts';
import { eventually } from '../support/suite/eventually.ts';
import { INSTALLED_AS } from '../support/cluster/install.ts';
import { runKubectl } from '../support/cluster/kubectl.ts';
import { Rig } from '../support/cluster/rig.ts';

const BUILT = {
  program: 'dist/main.mjs',
  env: { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' },
};
const SOMEBODY = 'demo-somebody-elses';

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.open({ controlPlane: 'shared' });
  const annotations = { [NAMESPACE_ANNOTATIONS.enabled]: 'true' };
  await rig.namespace(SOMEBODY, { annotations });
});

closeAfterAll(() => [rig]);

function play(...args: readonly string[]): DemoProcess {
  return new DemoProcess(['--kubeconfig', rig.controlPlane.adminKubeconfig, ...args], BUILT);
}

/** What it must not leave: its own namespaces, and anything in somebody else's. */
async function leftovers(): Promise<readonly string[]> {
  const namespaces = await rig.admin.list('/api/v1/namespaces');
  const secrets = await rig.admin.list(`/api/v1/namespaces/${SOMEBODY}/secrets`);
  return [...namespaces, ...secrets]
    .map(({ metadata }) => metadata.name)
    .filter((name) => name.startsWith('ecr-'))
    .filter((name) => name !== INSTALLED_AS.namespace);
}

describe('the demo on a real cluster', () => {
  it('takes tokens from the given endpoint, and prints what it leaves out', async () => {
    const callsBefore = rig.aws.calls.length;
    const demo = play('--once', '--aws-endpoint', rig.aws.url);
    const code = await demo.exited;

    expect(demo.output).toContain('left out: the outage and the rotation');
    expect(demo.output).toMatch(/ promises kept, 0 broken\n/);
    expect(code).toBe(0);
    expect(rig.aws.calls.length).toBeGreaterThan(callsBefore);
    expect(holdsCanary(demo.output)).toBe(false);
    expect(await leftovers()).toEqual([]);
  });

  it('removes its namespaces when it is interrupted', async () => {
    const demo = play();
    await demo.untilPrinted('Somebody deletes a Secret', 60_000);

    expect(await leftovers()).toHaveLength(3);
    expect(await demo.interrupt()).toBe(130);
    expect(await leftovers()).toEqual([]);
  });

  it('exits with 1, and removes its namespaces, if a promise was broken', async () => {
    rig.aws.ecrMode = { kind: 'deny' };
    const demo = play('--once', '--aws-endpoint', rig.aws.url);
    const code = await demo.exited;
    rig.aws.ecrMode = { kind: 'ok' };

    expect(demo.output).toContain('✗ each gets a Secret');
    expect(code).toBe(1);
    expect(await leftovers()).toEqual([]);
  });
});

describe('the embedded demo after its story', () => {
  it('serves kubectl, keeps working, and leaves nothing behind when it is interrupted', async () => {
    const demo = new DemoProcess([], { program: 'dist/main.mjs' });
    const output = await demo.untilPrinted('grep -E');
    const [, kubeconfig = ''] = /export KUBECONFIG=(\S+)/.exec(output) ?? [];
    const home = { kubeconfig, dir: dirname(kubeconfig) };
    const ask = async (command: string) => runKubectl(home, command.split(' '));

    expect((await ask('-n payments get pods -o name')).stdout).toBe('pod/api\n');
    const optIn = await ask('annotate namespace default ecr-pull-secrets.io/enabled=true');
    expect(optIn).toMatchObject({ code: 0, stdout: 'namespace/default annotated\n' });
    await eventually({ what: 'the Secret of the namespace', limitMs: 10_000 }, async () => {
      const { stdout } = await ask('get secrets -o name');
      return stdout === 'secret/ecr-pull-secret\n';
    });
    expect(await demo.interrupt()).toBe(130);
    expect(demo.output).toMatch(/stopped; nothing is left behind$/);
    expect(existsSync(dirname(kubeconfig))).toBe(false);
  });
});
