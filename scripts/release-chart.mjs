/**
 * `node scripts/release-chart.mjs CHART REPOSITORY DIGEST`, in the repository's folder: prepares the chart for a release.
 * Pins its default image to exactly this one, and adds the image and the changes as annotations for Artifact Hub. The
 * digest is a chart annotation and not a value, so that it neither overrides a tag that a user sets nor survives an
 * upgrade that reuses values.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { changesIn, readSection } from './changelog.mjs';

const [folder = '', repository = '', digest = ''] = process.argv.slice(2);
if (!/^sha256:[0-9a-f]{64}$/.test(digest)) fail(`not a digest: ${digest}`);

const values = read('values.yaml');
values.setIn(['image', 'repository'], repository);

const chart = read('Chart.yaml');
const version = String(chart.get('appVersion'));
const annotate = (name, value) => chart.setIn(['annotations', name], value);
if (chart.hasIn(['annotations', 'ecr-pull-secrets.io/image'])) fail('the chart is already pinned');
const section = readSection(version) ?? fail(`CHANGELOG.md has no section for ${version}`);
const image = { name: 'ecr-pull-secrets', image: `${repository}:${version}` };
const platforms = ['linux/amd64', 'linux/arm64'];
annotate('ecr-pull-secrets.io/image', `${repository}@${digest}`);
annotate('artifacthub.io/images', JSON.stringify([{ ...image, platforms }]));
const changes = changesIn(section);
annotate('artifacthub.io/changes', JSON.stringify(changes));
annotate('artifacthub.io/containsSecurityUpdates', String(changes.some(isSecurity)));
annotate('artifacthub.io/prerelease', String(version.includes('-')));

write('values.yaml', values);
write('Chart.yaml', chart);

function isSecurity({ kind }) {
  return kind === 'security';
}

function read(file) {
  return parseDocument(readFileSync(join(folder, file), 'utf8'));
}

function write(file, document) {
  writeFileSync(join(folder, file), document.toString({ lineWidth: 0 }));
}

function fail(message) {
  process.stderr.write(`release: ${message}\n`);
  process.exit(1);
}
