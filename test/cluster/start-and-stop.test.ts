/** How a run starts and ends: exit codes, and errors that name the fault and its fix. */
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll, itLeavesNothing } from '../support/suite/close-after-all.ts';
import { eventually } from '../support/suite/eventually.ts';
import { tokensIn } from '../support/cluster/opted-in.ts';
import { Rig } from '../support/cluster/rig.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const MANY_FAULTS = `
profiles: {bad: {registries: [docker.io]}}
removal: {gracePeriod: soon}
attach: {mode: everything}
typo: 1
`;

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.open({ controlPlane: 'shared' });
});
closeAfterAll(() => [rig]);

describe('a start with a fault that waiting does not fix', () => {
  it('names every fault of the configuration and exits with 1', async () => {
    const run = await rig.start({ config: MANY_FAULTS });

    expect(await run.exited).toBe(1);
    for (const path of ['removal.gracePeriod', 'attach.mode', 'typo', 'profiles.bad']) {
      expect(run.errorOutput).toContain(`\n  ${path}`);
    }
  });

  it.each([
    { flags: ['--context', 'elsewhere'], names: 'elsewhere' },
    { flags: ['--listen', 'nowhere'], names: 'it must be [HOST]:PORT' },
    { flags: ['--leader-elect', 'true'], names: 'pass --namespace' },
  ])('exits with 1 on $flags', async ({ flags, names }) => {
    const run = await rig.start({ flags });

    expect(await run.exited).toBe(1);
    expect(run.errorOutput).toContain(names);
  });

  it('exits with 1 on an invalid kubeconfig', async () => {
    const file = join(rig.controlPlane.dir, 'broken.kubeconfig');
    await writeFile(file, 'users: [');

    const run = await rig.start({ kubeconfig: file });

    expect(await run.exited).toBe(1);
    expect(run.errorOutput).toContain(file);
  });

  it('exits with 1 when the port is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;

    const run = await rig.start({ flags: ['--listen', `127.0.0.1:${port}`] });

    expect(await run.exited).toBe(1);
    expect(run.errorOutput).toContain(`127.0.0.1:${port}: the port is in use`);
    server.close();
  });
});

describe('a start with a fault in one profile', () => {
  it('serves the others', async () => {
    const config = `profiles: {default: {registries: [${HOST}]}, bad: {registries: [docker.io]}}`;
    await rig.optIn('start-good', { profiles: 'default' });

    await rig.run({ config });

    expect(tokensIn(await rig.untilReady('start-good'))).toEqual({ [HOST]: 1 });
    const record = await rig.controller.logged('profile disabled by a fault');
    expect(record['fault']).toContain('profiles.bad');
    expect(await rig.controller.stop()).toBe(0);
  });
});

describe('SIGTERM', () => {
  it('ends an idle run at once with 0', async () => {
    const run = await rig.run();
    const askedAt = Date.now();

    expect(await run.stop()).toBe(0);
    expect(Date.now() - askedAt).toBeLessThan(3_000);
    expect(run.log.at(-1)).toMatchObject({ msg: 'stopped' });
  });

  it('ends a run that has not started its work yet with 0', async () => {
    const run = await rig.start();
    await run.logged('started');

    expect(await run.stop()).toBe(0);
  });

  it('ends a run in the middle of its work with 0, within 15 s, and nothing is left half-written', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `stop-${index}`);
    rig.aws.ecrMode = { kind: 'hang' };
    await Promise.all(names.map(async (name) => rig.optIn(name)));
    const run = await rig.run();
    await eventually({ what: 'a running mint', limitMs: 10_000 }, () => {
      return rig.aws.calls.some(({ mode }) => mode === 'hang');
    });
    const askedAt = Date.now();

    expect(await run.stop()).toBe(0);

    expect(Date.now() - askedAt).toBeLessThan(15_000);
    rig.aws.ecrMode = { kind: 'ok' };
    await rig.run();
    for (const name of names) {
      expect(Object.keys(tokensIn(await rig.untilReady(name)))).toEqual([HOST]);
    }
  });

  it('ends a run with 0 within 15 s, even with many queued Events', async () => {
    await rig.controller.kill();
    const names = Array.from({ length: 60 }, (_, index) => `stop-${index}`);
    await Promise.all(names.map(async (name) => rig.deleteSecret(name)));
    const run = await rig.run();
    await rig.untilAllReady(names);
    const askedAt = Date.now();

    expect(await run.stop()).toBe(0);

    expect(Date.now() - askedAt).toBeLessThan(15_000);
    expect((await rig.events('stop-0')).length).toBeGreaterThan(0);
  });
});

itLeavesNothing(() => rig);
