/** docs/reference names exactly what the code names. */
import { describe, expect, it } from '@jest/globals';
import { renderReportJson } from '../../../src/cleanup/render-report.ts';
import { LEFTOVER_KINDS } from '../../../src/cleanup/report.ts';
import { cleanupOptions } from '../../../src/commands/cleanup.ts';
import { doctorOptions } from '../../../src/commands/doctor.ts';
import { runOptions } from '../../../src/commands/run.ts';
import { CHECK_NAMES, STATUSES } from '../../../src/doctor/check.ts';
import { renderJson } from '../../../src/doctor/render-checks.ts';
import { reactionToFailure, STS_REACTIONS } from '../../../src/aws/errors/credential-reactions.ts';
import type { ErrorKind } from '../../../src/aws/errors/error-kind.ts';
import { reactionToEcr } from '../../../src/aws/errors/ecr-reactions.ts';
import type { CredentialStep } from '../../../src/aws/errors/failures.ts';
import { STEP_TEXTS } from '../../../src/aws/errors/step-texts.ts';
import { assumeRole, rolesOf } from '../../../src/config/credentials-schema.ts';
import { profileSchema } from '../../../src/config/profile-schema.ts';
import { fileSchema } from '../../../src/config/schema.ts';
import {
  RECONCILE_RESULTS,
  TOKEN_RESULTS,
  WATCHED_RESOURCES,
} from '../../../src/telemetry/metrics/metric-names.ts';
import { Metrics } from '../../../src/telemetry/metrics/metrics.ts';
import type { CredentialSource } from '../../../src/domain/identity.ts';
import { SECRET_STATES } from '../../../src/domain/state/cluster-state.ts';
import { parseOk } from '../../support/values/config-text.ts';
import { DocumentPage, quotedIn, unquoted } from '../../support/pages/document-page.ts';
import { type JsonSchema, jsonSchemaOf } from '../../support/pages/json-schema.ts';
import { eventReasons } from '../../support/pages/source-names.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import {
  DEFAULT_SECRET_NAME,
  LABELS,
  LEASE_ANNOTATIONS,
  MANAGED_BY,
  NAMESPACE_ANNOTATIONS,
  SECRET_ANNOTATIONS,
  SECRET_TYPE,
  SERVICE_ACCOUNT_ANNOTATIONS,
} from '../../../src/domain/contract.ts';

const annotations = new DocumentPage('reference/annotations.md');
const secret = new DocumentPage('reference/secret.md');
const events = new DocumentPage('reference/events.md');
const configuration = new DocumentPage('reference/configuration.md');
const credentials = new DocumentPage('reference/credentials.md');
const cli = new DocumentPage('reference/cli.md');
const metricsPage = new DocumentPage('reference/metrics.md');
const pages = [annotations, secret, events, configuration, credentials, cli, metricsPage];
const ROLE = 'arn:aws:iam::123456789012:role/x';

describe('the reference', () => {
  it('names every annotation of a Namespace', () => {
    expect(firstColumn(annotations, 'Annotations of a Namespace')).toEqual(
      sorted(NAMESPACE_ANNOTATIONS),
    );
  });

  it('names every annotation of a ServiceAccount', () => {
    expect(firstColumn(annotations, 'Annotation of a ServiceAccount')).toEqual(
      sorted(SERVICE_ACCOUNT_ANNOTATIONS),
    );
  });

  it('names every label and annotation of the Secret, its name and its type', () => {
    const ofTheSecret = [...Object.values(LABELS), ...Object.values(SECRET_ANNOTATIONS)];

    expect(firstColumn(secret, 'Labels and annotations')).toEqual(sorted(ofTheSecret));
    for (const word of [DEFAULT_SECRET_NAME, SECRET_TYPE, MANAGED_BY]) {
      expect(secret.section('The Secret')).toContain(`\`${word}\``);
    }
  });

  it('names every annotation of the Lease', () => {
    expect(firstColumn(cli, 'Annotation of the Lease')).toEqual(sorted(LEASE_ANNOTATIONS));
  });

  it('names every reason of an Event', () => {
    expect(events.codeHeadings('Events').toSorted()).toEqual(eventReasons());
  });

  it('names every flag of `run` with its environment variable and its default', () => {
    const documented = cli
      .rows('Flags of `run`')
      .filter(([flag = '']) => flag.startsWith('`--'))
      .map(([flag = '', variable = '', value = '']) => ({
        flag: unquoted(flag),
        variable: unquoted(variable),
        default: value.startsWith('`') ? unquoted(value) : undefined,
      }));

    expect(documented).toEqual(
      runOptions().map(({ flags, envVar, defaultValue }) => ({
        flag: flags,
        variable: envVar,
        default: defaultValue === undefined ? undefined : String(defaultValue),
      })),
    );
  });

  it('names none of our environment variables that does not exist', () => {
    const existing = runOptions().map(({ envVar = '' }) => envVar);

    const named = pages.flatMap(({ text }) => text.match(/\bECR_PULL_SECRETS_[A-Z_]+/g) ?? []);
    expect(named.filter((name) => !existing.includes(name))).toEqual([]);
  });
});

it.each([
  ['Doctor', doctorOptions()],
  ['Cleanup', cleanupOptions()],
])('the section %s names exactly the flags that it takes', (title, options) => {
  const [sentence = ''] = cli.section(title).split('. ');
  const named = sentence.match(/(?<=[`,] ?)--[a-z-]+/g) ?? [];

  expect([...named].sort()).toEqual(options.map(({ long }) => long ?? '').sort());
});

describe('the section on the doctor', () => {
  it('names every check in the order of the output, and every status', () => {
    expect(cli.codeHeadings('Doctor')).toEqual(CHECK_NAMES);
    for (const status of STATUSES) expect(cli.section('Doctor')).toContain(`\`${status}\``);
  });

  it('shows the JSON as it is rendered', () => {
    const [example = ''] = cli.examples('Doctor', 'json');
    const { checks } = JSON.parse(example) as { readonly checks: Parameters<typeof renderJson>[0] };

    expect(renderJson(checks)).toBe(example);
  });
});

describe('the section on cleanup', () => {
  it('names every kind of leftover, and whether it is ours', () => {
    const documented = cli.rows('Cleanup').map(([kind = '', , ours]) => [unquoted(kind), ours]);

    const kinds = Object.entries(LEFTOVER_KINDS);
    expect(documented).toEqual(kinds.map(([kind, ours]) => [kind, ours ? 'yes' : 'no']));
  });

  it('shows the JSON as it is rendered', () => {
    const [example = ''] = cli.examples('Cleanup', 'json');
    const report = JSON.parse(example) as Parameters<typeof renderReportJson>[0];

    expect(renderReportJson({ ...report, ending: { kind: 'done' } })).toBe(example);
  });
});

describe('the section on the configuration', () => {
  it('names exactly the keys of the schema', () => {
    const file = keysOf(jsonSchemaOf(fileSchema(() => true)), '').filter(
      (key) => key !== 'profiles',
    );
    const profile = keysOf(jsonSchemaOf(profileSchema), 'profiles.<name>');

    const documented = configuration.codeHeadings('Configuration');

    expect(documented).toHaveLength(new Set(documented).size);
    expect(new Set(documented)).toEqual(new Set([...file, ...profile]));
  });

  it('gives the real defaults, and an example that is free of faults', () => {
    const [defaults = '', example = ''] = configuration.examples('Configuration', 'yaml');

    expect(parseOk(defaults)).toEqual(parseOk(''));
    expect(parseOk(example).profileFaults).toEqual([]);
    expect([...parseOk(example).settings.profiles.keys()]).toEqual(['default', 'team-a']);
  });
});

describe('the section on credentials', () => {
  it('names every code, and after which of them a person must act', () => {
    const kinds = Object.keys(STS_REACTIONS) as ErrorKind[];
    const steps = Object.keys(STEP_TEXTS) as CredentialStep[];
    const reactions = [
      ...kinds.map((kind) => reactionToEcr('ecr', kind)),
      ...steps.flatMap((step) => kinds.map((kind) => reactionToFailure(step, kind))),
    ];
    const known = new Set(
      reactions.map(({ code, mustAct }) => `${code} ${mustAct ? 'yes' : 'no'}`),
    );

    const documented = credentials.text.match(/^\| `[A-Z_]+` +\| (yes|no)/gm) ?? [];

    expect(
      documented.map((row) => row.replace(/[|`]/g, '').trim().replace(/ +/, ' ')).sort(),
    ).toEqual([...known].sort());
  });

  it('names every source and every key of a role', () => {
    const first = [
      ...credentials.codeHeadings('Sources'),
      ...credentials.firstCells('Assumed roles'),
    ];
    const sources: readonly CredentialSource['kind'][] = [
      'auto',
      'webIdentity',
      'podIdentity',
      'instanceProfile',
      'environment',
    ];
    const roles = rolesOf(
      assumeRole.parse({ roleArn: ROLE, sessionTags: { cluster: 'a', profile: true } }),
      'p',
    );
    const keys = Object.keys(roles[0] ?? {}).filter((key) => key !== 'sessionTags');
    const tags = Object.keys(roles[0]?.sessionTags ?? {}).map((tag) => `sessionTags.${tag}`);

    expect(first).toEqual([...sources, ...keys, ...tags]);
  });

  it('gives an example that is free of faults', () => {
    const [example = ''] = credentials.examples('Assumed roles', 'yaml');

    expect(parseOk(example).profileFaults).toEqual([]);
  });
});

describe('the section on metrics', () => {
  it('names exactly the series that exist, with their labels', () => {
    const metrics = new Metrics(new VirtualClock());
    metrics.describeProcess('0', () => 0);
    const series = metrics.series().filter(({ name }) => !/^(?:process|nodejs)_/.test(name));

    const documented = metricsPage.rows('Metrics').map(([name = '', labels = '']) => ({
      name: unquoted(name),
      labels: quotedIn(labels),
    }));

    expect(new Map(documented.map(({ name, labels }) => [name, labels]))).toEqual(
      new Map(series.map(({ name, labels }) => [name, labels])),
    );
  });

  it.each([
    ['ecr_pull_secrets_token_requests_total', TOKEN_RESULTS],
    ['ecr_pull_secrets_reconcile_total', RECONCILE_RESULTS],
    ['ecr_pull_secrets_managed_secrets', SECRET_STATES],
    ['ecr_pull_secrets_informer_synced', WATCHED_RESOURCES],
  ])('lists the values that a label of %s has', (metric, known) => {
    const row = metricsPage.rows('Metrics').find(([name]) => name === `\`${metric}\``);
    const [, , values = ''] = row ?? [];

    expect(quotedIn(values)).toEqual(expect.arrayContaining([...known]));
  });
});

/** Paths of all keys that hold a value; the contents of lists are skipped. */
function keysOf(schema: JsonSchema, path: string): readonly string[] {
  if (schema.properties === undefined) return [path];
  return Object.entries(schema.properties).flatMap(([key, inner]) =>
    keysOf(inner, path === '' ? key : `${path}.${key}`),
  );
}

function firstColumn(page: DocumentPage, title: string): readonly string[] {
  return page.firstCells(title).toSorted();
}

function sorted(names: Readonly<Record<string, string>> | readonly string[]): readonly string[] {
  return Object.values(names).sort();
}
