/** The commands with which users install and upgrade, as in the documents: the real helm renders each. */
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import { blocksIn } from '../../support/pages/document-page.ts';
import { findProgram, HELM } from '../../support/tools/go-tools.ts';
import { Helm } from '../../support/tools/helm.ts';
import type { ToolRun } from '../../support/tools/run-tool.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PAGES = [
  'README.md',
  'charts/ecr-pull-secrets/README.md',
  'docs/changing-the-secret-name.md',
  'docs/install.md',
  'docs/profiles.md',
  'docs/verify-signatures.md',
];
const DIGEST = `sha256:${'0a'.repeat(32)}`;

/** Variables that earlier lines of a page set. Nothing is published yet that verify-signatures.md could fetch, so this chart is used. */
const SET = `NEW=registry-access IMAGE_DIGEST=${DIGEST} CHART_DIGEST=${DIGEST} CHART=registry/chart:0.1.0`;
const PUBLISHED = /"oci:\/\/[^"]*"/;

/** Installs nothing: renders with the flags of `install`; `upgrade` has the same flags except for one. */
const RENDERS = (helm: string) => `#!/bin/sh
shift
for flag in "$@"; do
  shift
  [ "$flag" = --reset-then-reuse-values ] || set -- "$@" "$flag"
done
exec ${helm} template "$@"
`;

let helm: Helm;
beforeAll(async () => {
  helm = await Helm.open();
  await mkdir(join(helm.dir, 'bin'));
  await writeFile(join(helm.dir, 'bin/helm'), RENDERS(await findProgram(HELM)), { mode: 0o755 });
});
closeAfterAll(() => [helm]);

describe.each(PAGES)('the commands of %s', (page) => {
  const lines = linesOf(page);

  it('install or upgrade with helm', () => {
    expect(lines.length).toBeGreaterThan(0);
  });

  it.each(lines)('render: %s', async (line) => {
    await writeFile(join(helm.dir, 'values.yaml'), 'aws: {region: eu-west-1}\n');

    const { code, output } = await run(line);
    expect([code, code === 0 ? '' : output]).toEqual([0, '']);
    expect(output).toContain('kind: Deployment');
  });
});

describe('the values of docs/profiles.md', () => {
  it.each(valuesIn('docs/profiles.md'))('render: %j', async (values) => {
    await writeFile(join(helm.dir, 'values.yaml'), values);

    const { code, output } = await run('helm install x charts/ecr-pull-secrets -f values.yaml');
    expect([code, code === 0 ? '' : output]).toEqual([0, '']);
    expect(output).toContain('name: aws-token');
  });
});

function linesOf(page: string): readonly string[] {
  const lines = blocksIn(read(page), 'sh').flatMap((block) => block.split('\n'));
  return lines.filter((line) => /^helm (?:install|upgrade) /.test(line));
}

function valuesIn(page: string): readonly string[] {
  return blocksIn(read(page), 'yaml').filter((block) => /^aws:/m.test(block));
}

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

async function run(line: string): Promise<ToolRun> {
  const command = line.replace(PUBLISHED, 'charts/ecr-pull-secrets');
  return helm.shell(`PATH="$PWD/bin:$PATH" ${SET}\n${command}`);
}
