/** Which image a released chart runs: the release's own, by digest, unless the values name another. */
import { execFile } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from '@jest/globals';
import { CHART } from '../../support/chart/chart.ts';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import { Helm } from '../../support/tools/helm.ts';

const SCRIPT = join(import.meta.dirname, '../../../scripts/release-chart.mjs');
const RELEASED = `sha256:${'0a'.repeat(32)}`;
const OTHER = `sha256:${'0b'.repeat(32)}`;
const REPOSITORY = 'ghcr.io/fork/ecr-pull-secrets';

let helm: Helm;
let released: string;
beforeAll(async () => {
  helm = await Helm.open();
  released = join(helm.dir, 'released');
  await cp(CHART, released, { recursive: true });
  await writeFile(join(helm.dir, 'CHANGELOG.md'), '## [0.1.0] - 2026-12-01\n\n- All.\n');
  const args = [SCRIPT, released, REPOSITORY, RELEASED];
  await promisify(execFile)(process.execPath, args, { cwd: helm.dir });
});
closeAfterAll(() => [helm]);

it.each([
  ['none', [], `${REPOSITORY}@${RELEASED}`],
  ['a tag', ['image.tag=dev'], `${REPOSITORY}:dev`],
  ['a digest', [`image.digest=${OTHER}`], `${REPOSITORY}@${OTHER}`],
  ['a tag and a digest', ['image.tag=dev', `image.digest=${OTHER}`], `${REPOSITORY}@${OTHER}`],
  ['another repository', ['image.repository=a.io/b'], 'a.io/b:0.1.0'],
  ['another tag there', ['image.repository=a.io/b', 'image.tag=dev'], 'a.io/b:dev'],
  [
    'a repository whose name has the same prefix',
    [`image.repository=ghcr.io/fork/ecr`],
    'ghcr.io/fork/ecr:0.1.0',
  ],
])('a released chart with %s given runs what was asked for', async (_, sets, image) => {
  const values = sets.flatMap((set) => ['--set', set]);
  const deployment = await helm.succeed(
    'template',
    'x',
    released,
    ...values,
    '-s',
    'templates/deployment.yaml',
  );

  expect(deployment).toContain(`image: ${image}\n`);
});
