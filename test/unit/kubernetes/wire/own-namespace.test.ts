import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readOwnNamespace } from '../../../../src/kubernetes/wire/own-namespace.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'own-namespace-'));
});
afterEach(async () => rm(root, { recursive: true }));

describe('the namespace that we run in', () => {
  it('is the one in the service-account files', async () => {
    const files = join(root, 'var/run/secrets/kubernetes.io/serviceaccount');
    await mkdir(files, { recursive: true });
    await writeFile(join(files, 'namespace'), 'ecr-pull-secrets\n');

    expect(await readOwnNamespace(root)).toBe('ecr-pull-secrets');
  });

  it('must be named if there are none', async () => {
    const reading = readOwnNamespace(root);

    await expect(reading).rejects.toMatchObject({
      name: 'StalledError',
      fix: expect.stringMatching(/--namespace.*--leader-elect false/),
    });
  });
});
