/** Names in documents and in the chart are names that the program has. */
import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import * as contract from '../../../src/domain/contract.ts';
import { Metrics } from '../../../src/telemetry/metrics/metrics.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import { readAlerts } from '../../support/chart/alerts.ts';
import { NAMES_PAGE, renderNames } from '../../support/pages/names-page.ts';
import { eventReasons, logCalls } from '../../support/pages/source-names.ts';

const ROOT = join(import.meta.dirname, '../../..');
const files = execFileSync('git', ['ls-files', '*.md', 'charts', 'manifests'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  // The chart’s own tests also name what must not exist.
  .filter((name) => name !== '' && !name.startsWith('charts/ecr-pull-secrets/tests/'));
const texts = files.map((name) => readFileSync(join(ROOT, name), 'utf8'));

/** The matches in documents and chart, without duplicates. */
function named(pattern: RegExp): readonly string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([all]) => all)))];
}

it('docs/reference/names.md is what `npm run manifests` writes', async () => {
  const options = { ...(await resolveConfig(NAMES_PAGE)), parser: 'markdown' };

  expect(readFileSync(join(ROOT, NAMES_PAGE), 'utf8')).toBe(await format(renderNames(), options));
});

describe('documents and the chart name only', () => {
  it('metrics that exist', () => {
    const metrics = new Metrics(new VirtualClock());
    metrics.describeProcess('0', () => 0);
    const series = metrics
      .series()
      .flatMap(({ name, type }) =>
        type === 'histogram' ? [name, ...PARTS.map((part) => `${name}_${part}`)] : [name],
      );

    const found = named(
      /\b(?:ecr_pull_secrets|workqueue|rest_client|leader_election)_[a-z_]+[a-z]\b/g,
    );

    expect(found.length).toBeGreaterThan(30);
    expect(found.filter((name) => !series.includes(name))).toEqual([]);
  });

  it('alerts that exist', () => {
    const alerts = readAlerts().map(({ alert }) => alert);
    const found = named(/\bEcrPullSecrets[A-Z]\w+/g);

    expect(found.length).toBeGreaterThan(5);
    expect(found.filter((name) => !alerts.includes(name))).toEqual([]);
  });

  it('annotations that exist', () => {
    const groups = [
      contract.NAMESPACE_ANNOTATIONS,
      contract.SERVICE_ACCOUNT_ANNOTATIONS,
      contract.SECRET_ANNOTATIONS,
      contract.LEASE_ANNOTATIONS,
      { probe: contract.GUARD_PROBE },
    ];
    const keys: readonly string[] = groups.flatMap((group) => Object.values(group));
    const found = named(/\becr-pull-secrets\.io\/[a-z-]+[a-z]\b/g);

    expect(found.length).toBeGreaterThan(9);
    expect(found.filter((name) => ![...keys, ON_THE_CHART].includes(name))).toEqual([]);
  });

  it('Event reasons that exist', () => {
    const reasons = eventReasons();
    const prefixes =
      'AttachC|InvalidA|InvalidP|ProfileN|ProfileW|PullSecret|Quota|RegistryC|SecretI|SecretN|SecretT|TokenRequest|UnknownP|WriteR';
    const found = named(new RegExp(`\\b(?:${prefixes})[A-Za-z]*[a-z]\\b`, 'g')).filter(
      (name) => !OTHERS.includes(name),
    );

    expect(found.length).toBeGreaterThan(15);
    expect(found.filter((name) => !reasons.includes(name))).toEqual([]);
  });

  it('log messages that exist', () => {
    const messages = logCalls().map(({ message }) => message);
    const found = named(/(?<=`)(?!npm|kubectl)[a-z]+(?: [a-z,]+){2,}(?=`)/g).filter(
      (text) => !FOREIGN_TEXTS.includes(text),
    );

    expect(found.length).toBeGreaterThan(1);
    expect(found.filter((text) => !messages.includes(text))).toEqual([]);
  });

  it('log messages that exist, where an alert says what to grep for', () => {
    const messages = [...logCalls().map(({ message }) => message), ...FOREIGN_TEXTS];
    const found = named(/(?<=grep -E ')[a-z |]+(?=')/g).flatMap((pattern) => pattern.split('|'));

    expect(found.length).toBeGreaterThan(1);
    expect(found.filter((part) => !messages.some((text) => text.includes(part)))).toEqual([]);
  });
});

/** Only in a released chart: the image that it pins. */
const ON_THE_CHART = 'ecr-pull-secrets.io/image';

const PARTS = ['bucket', 'sum', 'count'];

/** Words of Kubernetes and of our code that begin like a reason. */
const OTHERS = ['SecretText', 'TokenRequest', 'PullSecret', 'PullSecretWriter', 'Quota'];

/** From Helm, a configuration fault, and what is printed if the configuration can't be used at start. */
const FOREIGN_TEXTS = [
  'invalid ownership metadata',
  'has no deployed releases',
  'the file cannot be read',
  'reading the configuration',
];
