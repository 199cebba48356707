/** The lines by which users install and upgrade, as they stand in the documents: the real helm renders each. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findHelm } from '../support/tools/find-tool.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGES = [
  'README.md',
  'charts/ecr-pull-secrets/README.md',
  'docs/changing-the-secret-name.md',
  'docs/profiles.md',
  'docs/verify-signatures.md',
];
const DIGEST = `sha256:${'0a'.repeat(32)}`;

/** What earlier lines of a page set; nothing is published that verify-signatures.md could fetch, so the chart is this one. */
const VARIABLES = {
  NEW: 'registry-access',
  IMAGE_DIGEST: DIGEST,
  CHART_DIGEST: DIGEST,
  CHART: 'registry/chart:0.1.0',
};
const PUBLISHED = /"oci:\/\/[^"]*"/;

/** Installs nothing: it renders, with the flags of `install`, which those of `upgrade` are but for one. */
const RENDERS = (helm: string) => `#!/bin/sh
shift
for flag in "$@"; do
  shift
  [ "$flag" = --reset-then-reuse-values ] || set -- "$@" "$flag"
done
exec ${helm} template "$@"
`;

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecr-pull-secrets-pages-'));
  await mkdir(join(dir, 'bin'));
  await writeFile(join(dir, 'bin/helm'), RENDERS(await findHelm()));
  await chmod(join(dir, 'bin/helm'), 0o755);
  await symlink(join(ROOT, 'charts'), join(dir, 'charts'));
});
afterAll(async () => rm(dir, { recursive: true, force: true }));

describe.each(PAGES)('the lines of %s', (page) => {
  const lines = linesOf(page);

  it('install or upgrade with helm', () => {
    expect(lines.length).toBeGreaterThan(0);
  });

  it.each(lines)('render: %s', async (line) => {
    await writeFile(join(dir, 'values.yaml'), 'aws: {region: eu-west-1}\n');

    const { code, output } = await run(line);
    expect([code, code === 0 ? '' : output]).toEqual([0, '']);
    expect(output).toContain('kind: Deployment');
  });
});

describe('the values of docs/profiles.md', () => {
  it.each(valuesIn('docs/profiles.md'))('render: %j', async (values) => {
    await writeFile(join(dir, 'values.yaml'), values);

    const { code, output } = await run('helm install x charts/ecr-pull-secrets -f values.yaml');
    expect([code, code === 0 ? '' : output]).toEqual([0, '']);
    expect(output).toContain('name: aws-token');
  });
});

function linesOf(page: string): readonly string[] {
  const blocks = [...read(page).matchAll(/```sh\n([^]*?)```/g)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.split('\n'))
    .filter((line) => /^helm (?:install|upgrade) /.test(line));
}

function valuesIn(page: string): readonly string[] {
  const blocks = [...read(page).matchAll(/```yaml\n([^]*?)```/g)].map(([, block = '']) => block);
  return blocks.filter((block) => /^aws:/m.test(block));
}

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

async function run(line: string): Promise<{ readonly code: unknown; readonly output: string }> {
  const PATH = `${join(dir, 'bin')}:${process.env['PATH'] ?? ''}`;
  const env = { ...VARIABLES, PATH, HOME: dir };
  const command = line.replace(PUBLISHED, 'charts/ecr-pull-secrets');
  return new Promise((resolve) => {
    execFile('sh', ['-c', command], { cwd: dir, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr });
    });
  });
}
