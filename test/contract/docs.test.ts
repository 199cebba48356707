import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  type ErrorKind,
  reactionToFailure,
  STS_REACTIONS,
} from '../../src/aws/credential-reactions.ts';
import { reactionToEcr } from '../../src/aws/ecr-reactions.ts';
import type { CredentialStep } from '../../src/aws/failures.ts';
import { STEP_TEXTS } from '../../src/aws/step-texts.ts';
import { assumeRole, rolesOf } from '../../src/config/credentials-schema.ts';
import { profileSchema } from '../../src/config/profile-schema.ts';
import { fileSchema } from '../../src/config/schema.ts';
import {
  RECONCILE_OUTCOMES,
  TOKEN_RESULTS,
  WATCHED_RESOURCES,
} from '../../src/telemetry/metric-names.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import type { CredentialSource } from '../../src/domain/identity.ts';
import { SECRET_STATES } from '../../src/domain/cluster-state.ts';
import { parseOk } from '../support/config-text.ts';
import { type JsonSchema, jsonSchemaOf } from '../support/json-schema.ts';
import { FakeClock } from '../support/fake-clock.ts';

const ROLE = 'arn:aws:iam::123456789012:role/x';

const page = readFileSync(new URL('../../docs/reference.md', import.meta.url), 'utf8');

/** The text between this heading and the next of its level. */
function sectionOf(heading: string): string {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`no section ${heading}`);
  return section;
}

/** Rows of the section's tables, as the texts in backticks of their cells. */
function rowsOf(heading: string): readonly (readonly (readonly string[])[])[] {
  return sectionOf(heading)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, -1).map(inBackticks));
}

function inBackticks(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, inside = '']) => inside);
}

/** Paths of all keys that hold a value; what is inside lists is not looked at. */
function keysOf(schema: JsonSchema, path: string): readonly string[] {
  if (schema.properties === undefined) return [path];
  return Object.entries(schema.properties).flatMap(([key, inner]) =>
    keysOf(inner, path === '' ? key : `${path}.${key}`),
  );
}

describe('the section Configuration of docs/reference.md', () => {
  it('names every key of the schema and no other', () => {
    const file = keysOf(jsonSchemaOf(fileSchema(() => true)), '').filter(
      (key) => key !== 'profiles',
    );
    const profile = keysOf(jsonSchemaOf(profileSchema), 'profiles.<name>');

    const documented = rowsOf('Configuration').map(([key]) => key?.[0]);

    expect(documented).toHaveLength(new Set(documented).size);
    expect(new Set(documented)).toEqual(new Set([...file, ...profile]));
  });

  it('gives the defaults that hold, and an example that is free of faults', () => {
    const [defaults = '', example = ''] = [
      ...sectionOf('Configuration').matchAll(/```yaml\n([^]*?)```/g),
    ].map(([, text]) => text);

    expect(parseOk(defaults)).toEqual(parseOk(''));
    expect(parseOk(example).profileFaults).toEqual([]);
    expect([...parseOk(example).settings.profiles.keys()]).toEqual(['default', 'team-a']);
  });
});

describe('the section Credentials of docs/reference.md', () => {
  it('names every code, and after which a person must act', () => {
    const kinds = Object.keys(STS_REACTIONS) as ErrorKind[];
    const steps = Object.keys(STEP_TEXTS) as CredentialStep[];
    const reactions = [
      ...kinds.map((kind) => reactionToEcr('ecr', kind)),
      ...steps.flatMap((step) => kinds.map((kind) => reactionToFailure(step, kind))),
    ];
    const known = new Set(
      reactions.map(({ code, mustAct }) => `${code} ${mustAct ? 'yes' : 'no'}`),
    );

    const documented = sectionOf('Credentials').match(/^\| `[A-Z_]+` +\| (yes|no)/gm) ?? [];

    expect(
      documented.map((row) => row.replace(/[|`]/g, '').trim().replace(/ +/, ' ')).sort(),
    ).toEqual([...known].sort());
  });

  it('names every source and every key of a role', () => {
    const first = rowsOf('Credentials').map(([cell]) => cell?.[0] ?? '');
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

    expect(first.filter((cell) => !/^[A-Z_]+$/.test(cell))).toEqual([...sources, ...keys, ...tags]);
  });

  it('gives an example that is free of faults', () => {
    const [, example = ''] = /```yaml\n([^]*?)```/.exec(sectionOf('Credentials')) ?? [];

    expect(parseOk(example).profileFaults).toEqual([]);
  });
});

describe('the section Metrics of docs/reference.md', () => {
  it('names every series with its labels and no other', () => {
    const series = new Metrics({ version: '0', clock: new FakeClock() })
      .series()
      .filter(({ name }) => !/^(?:process|nodejs)_/.test(name));

    const documented = rowsOf('Metrics').map(([name, labels]) => ({ name: name?.[0], labels }));

    expect(new Map(documented.map(({ name, labels }) => [name, labels]))).toEqual(
      new Map(series.map(({ name, labels }) => [name, labels])),
    );
  });

  it.each([
    ['ecr_pull_secret_token_requests_total', TOKEN_RESULTS],
    ['ecr_pull_secret_reconcile_total', RECONCILE_OUTCOMES],
    ['ecr_pull_secret_managed_secrets', SECRET_STATES],
    ['ecr_pull_secret_informer_synced', WATCHED_RESOURCES],
  ])('lists the values that a label of %s has', (metric, values) => {
    const row = rowsOf('Metrics').find(([name]) => name?.[0] === metric);

    expect(row?.[2]).toEqual(expect.arrayContaining([...values]));
  });
});
