/**
 * `node scripts/pin-image.mjs CHART REPOSITORY DIGEST`: the chart's default image becomes this one and no other.
 * The digest is an annotation of the chart and no value, so that it never beats a tag that somebody gives, nor outlives
 * an upgrade that reuses values.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [chart = '', repository = '', digest = ''] = process.argv.slice(2);
const isDigest = /^sha256:[0-9a-f]{64}$/.test(digest);
if (!isDigest) throw new Error(`pinning the image: no digest: ${digest}`);

const VALUES = join(chart, 'values.yaml');
const CHART_FILE = join(chart, 'Chart.yaml');

const values = replaceOne(VALUES, /^(image:\n(?:  .*\n)*?  repository: ).*$/m, `$1${repository}`);
const annotation = `ecr-pull-secrets.io/image: ${repository}@${digest}`;
const chartFile = replaceOne(CHART_FILE, /^(annotations:)$/m, `$1\n  ${annotation}`);
writeFileSync(VALUES, values);
writeFileSync(CHART_FILE, chartFile);

function replaceOne(file, pattern, replacement) {
  const text = readFileSync(file, 'utf8');
  if (text.includes('ecr-pull-secrets.io/image:')) throw new Error(`pinning: ${file} is pinned`);
  if (!pattern.test(text)) throw new Error(`pinning the image: ${file} has no ${pattern}`);
  return text.replace(pattern, replacement);
}
