/** The whole story on a real cluster, where one minute of a token's life stands for 12 hours. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { MARKER } from '../../demo/stage/embedded-ecr.ts';
import { closeAfterAll } from '../support/suite/close-after-all.ts';
import { DemoProcess } from '../support/process/demo-process.ts';
import { Rig } from '../support/cluster/rig.ts';

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.open({ controlPlane: 'own' });
});

closeAfterAll(() => [rig]);

describe('the demo on a real cluster', () => {
  it('keeps every promise and removes its namespaces', async () => {
    const program = 'dist/main.mjs';
    const flags = ['--once', '--kubeconfig', rig.controlPlane.adminKubeconfig];
    const demo = new DemoProcess(flags, { program });
    const code = await demo.exited;
    const namespaces = await rig.admin.list('/api/v1/namespaces');

    expect(demo.output).toMatch(/\n18 promises kept, 0 broken\n/);
    expect(code).toBe(0);
    expect(demo.output).not.toContain(MARKER);
    expect(namespaces.filter(({ metadata }) => metadata.name.startsWith('ecr-demo-'))).toEqual([]);
  });
});
