/** The embedded demo as it is built, once its story is told: kubectl works on it, and nothing of it stays. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DemoProcess } from '../support/demo-process.ts';
import { eventually } from '../support/eventually.ts';
import { runKubectl } from '../support/kubectl.ts';

describe('the demo that has told its story', () => {
  it('serves kubectl, goes on with the work, and leaves nothing behind when it is interrupted', async () => {
    const demo = new DemoProcess([], { program: 'dist/main.mjs' });
    const told = await demo.tells('grep -E');
    const [, kubeconfig = ''] = /export KUBECONFIG=(\S+)/.exec(told) ?? [];
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
    expect(demo.told).toMatch(/stopped; nothing is left behind$/);
    expect(existsSync(dirname(kubeconfig))).toBe(false);
  });
});
