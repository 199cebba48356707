/**
 * `node scripts/release-notes.mjs v0.1.0`, in the repository's folder: prints the changelog's section for that version.
 * Fails if the tag is not a release tag, if package.json, the Dockerfile, the chart or the changelog has another version,
 * or if Artifact Hub could not identify the chart's publisher.
 */
import { readFileSync } from 'node:fs';
import { readSection } from './changelog.mjs';

const read = (path) => readFileSync(path, 'utf8');
const [tag = ''] = process.argv.slice(2);
const version = /^v(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/.exec(tag)?.[1];
if (version === undefined) fail(`not a release tag such as v1.2.3: ${JSON.stringify(tag)}`);

const chart = read('charts/ecr-pull-secrets/Chart.yaml');
const notes = readSection(version);
const stated = {
  'package.json': JSON.parse(read('package.json')).version,
  Dockerfile: /^ARG VERSION=(.*)$/m.exec(read('Dockerfile'))?.[1],
  'version of the chart': /^version: (.*)$/m.exec(chart)?.[1],
  'appVersion of the chart': /^appVersion: ["']?([^"'\n]*)/m.exec(chart)?.[1],
};
const others = Object.entries(stated).filter(([, found]) => found !== version);
if (others.length > 0) {
  const list = others.map(([where, found]) => `${where} has ${found}`).join(', ');
  fail(`the tag has ${version}, but ${list}`);
}
const PUBLISHER = 'charts/artifacthub-repo.yaml';
const [, publisher = ''] = /^repositoryID: (.*)$/m.exec(read(PUBLISHER)) ?? [];
const isId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(publisher);
if (!isId || /^[0-]+$/.test(publisher)) {
  fail(
    `repositoryID in ${PUBLISHER} is not an Artifact Hub ID (add the repository there to get one): ${publisher}`,
  );
}
if (notes === undefined) fail(`CHANGELOG.md has no section "## [${version}] - DATE"`);
process.stdout.write(`${notes}\n`);

function fail(message) {
  process.stderr.write(`release: ${message}\n`);
  process.exit(1);
}
