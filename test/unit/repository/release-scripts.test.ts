/** The two steps of a release that are our own programs. */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../../..');
const CHART = 'charts/ecr-pull-secrets';
const PUBLISHER = 'charts/artifacthub-repo.yaml';
type Mapping = Readonly<Record<string, object>>;

const DIGEST = `sha256:${'0a'.repeat(32)}`;

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'release-'));
  mkdirSync(join(dir, CHART), { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true }));

function run(script: string, args: readonly string[]) {
  const command = [join(ROOT, 'scripts', script), ...args];
  return spawnSync(process.execPath, command, { cwd: dir, encoding: 'utf8' });
}

describe('release-notes', () => {
  beforeEach(() => {
    for (const file of ['package.json', 'Dockerfile', `${CHART}/Chart.yaml`]) {
      copyFileSync(join(ROOT, file), join(dir, file));
    }
    const changelog =
      '# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-12-01\n\n- All.\n\n## [0.0.1] - 2026-01-01\n\n- Little.\n';
    writeFileSync(join(dir, 'CHANGELOG.md'), changelog);
    writeFileSync(join(dir, PUBLISHER), `repositoryID: ${randomUUID()}\n`);
  });

  it('prints the changelog section of the version', () => {
    expect(run('release-notes.mjs', ['v0.1.0'])).toMatchObject({ status: 0, stdout: '- All.\n' });
  });

  it('refuses a tag of another version than the files name, and names those versions', () => {
    const { status, stderr } = run('release-notes.mjs', ['v0.2.0']);

    expect(status).toBe(1);
    for (const where of ['package.json', 'Dockerfile', 'version of', 'appVersion']) {
      expect(stderr).toContain(where);
    }
  });

  it('refuses a tag that is not a release tag', () => {
    expect(run('release-notes.mjs', ['0.1.0']).status).toBe(1);
  });

  it.each([
    ['all zeros', 'repositoryID: 00000000-0000-0000-0000-000000000000\n'],
    ['no UUID', 'repositoryID: later\n'],
    ['missing', 'owners: []\n'],
  ])('refuses a publisher of the chart whose id is %s', (_case, text) => {
    writeFileSync(join(dir, PUBLISHER), text);

    const { status, stderr } = run('release-notes.mjs', ['v0.1.0']);
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Artifact Hub'),
    });
  });

  it('refuses a version that is missing from the changelog', () => {
    copyFileSync(join(ROOT, 'README.md'), join(dir, 'CHANGELOG.md'));

    const { status, stderr } = run('release-notes.mjs', ['v0.1.0']);
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('CHANGELOG'),
    });
  });
});

describe('release-chart', () => {
  const files = ['values.yaml', 'Chart.yaml'] as const;
  const changelog = [
    '# Changelog',
    '## [0.1.0] - 2026-12-01',
    'The first.',
    '### Added',
    '- **All** of `it`: see [the page](docs/reference/cli.md).',
    '### Security',
    '- Less.',
    '## [0.0.1] - 2026-01-01',
    '### Added',
    '- Little.',
  ];
  beforeEach(() => {
    for (const file of files) copyFileSync(join(ROOT, CHART, file), join(dir, CHART, file));
    writeFileSync(join(dir, 'CHANGELOG.md'), changelog.join('\n\n'));
  });
  const read = () =>
    files.map((file) => parse(readFileSync(join(dir, CHART, file), 'utf8')) as Mapping);

  it('pins the image, adds the release’s Artifact Hub annotations, and changes nothing else', () => {
    const [values, chart] = read();

    expect(run('release-chart.mjs', [CHART, 'ghcr.io/fork/name', DIGEST])).toMatchObject({
      status: 0,
      stderr: '',
    });

    const image = { ...values?.['image'], repository: 'ghcr.io/fork/name' };
    const annotations = {
      ...chart?.['annotations'],
      'ecr-pull-secrets.io/image': `ghcr.io/fork/name@${DIGEST}`,
      'artifacthub.io/images':
        '[{"name":"ecr-pull-secrets","image":"ghcr.io/fork/name:0.1.0","platforms":["linux/amd64","linux/arm64"]}]',
      'artifacthub.io/changes':
        '[{"kind":"added","description":"All of it: see the page."},{"kind":"security","description":"Less."}]',
      'artifacthub.io/containsSecurityUpdates': 'true',
      'artifacthub.io/prerelease': 'false',
    };
    expect(read()).toEqual([
      { ...values, image },
      { ...chart, annotations },
    ]);
  });

  it('marks a version with a suffix as a prerelease', () => {
    const file = join(dir, CHART, 'Chart.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('0.1.0', '0.2.0-rc.1'));
    writeFileSync(
      join(dir, 'CHANGELOG.md'),
      '## [0.2.0-rc.1] - 2026-12-01\n\n### Fixed\n\n- It.\n',
    );

    run('release-chart.mjs', [CHART, 'ghcr.io/fork/name', DIGEST]);

    expect(read()[1]?.['annotations']).toMatchObject({
      'artifacthub.io/prerelease': 'true',
      'artifacthub.io/containsSecurityUpdates': 'false',
    });
  });

  it('refuses a digest that is malformed', () => {
    expect(run('release-chart.mjs', [CHART, 'ghcr.io/fork/name', 'sha256:1']).status).toBe(1);
  });

  it('refuses a chart that is already pinned', () => {
    run('release-chart.mjs', [CHART, 'ghcr.io/fork/name', DIGEST]);

    const again = run('release-chart.mjs', [CHART, 'ghcr.io/fork/name', DIGEST]);
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('is already pinned')]);
  });
});
