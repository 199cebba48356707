/** docs/reference.md names what the code names, no less and no more. */
import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { renderReportJson } from '../../src/cleanup/render-report.ts';
import { LEFTOVER_KINDS } from '../../src/cleanup/report.ts';
import { cleanupOptions } from '../../src/commands/cleanup.ts';
import { doctorOptions } from '../../src/commands/doctor.ts';
import { runOptions } from '../../src/commands/run.ts';
import { CHECK_NAMES, STATUSES } from '../../src/doctor/check.ts';
import { renderJson } from '../../src/doctor/render-checks.ts';
import {
  DEFAULT_SECRET_NAME,
  LABELS,
  LEASE_ANNOTATIONS,
  MANAGED_BY,
  NAMESPACE_ANNOTATIONS,
  SECRET_ANNOTATIONS,
  SECRET_TYPE,
  SERVICE_ACCOUNT_ANNOTATIONS,
} from '../../src/domain/contract.ts';

const ROOT = join(import.meta.dirname, '../..');
const REFERENCE = readFileSync(join(ROOT, 'docs/reference.md'), 'utf8');

describe('the reference', () => {
  it('names every annotation of a Namespace', () => {
    expect(firstColumn('Annotations of a Namespace')).toEqual(sorted(NAMESPACE_ANNOTATIONS));
  });

  it('names every annotation of a ServiceAccount', () => {
    expect(firstColumn('Annotation of a ServiceAccount')).toEqual(
      sorted(SERVICE_ACCOUNT_ANNOTATIONS),
    );
  });

  it('names every label and annotation of the Secret, its name and its type', () => {
    const ofTheSecret = [...Object.values(LABELS), ...Object.values(SECRET_ANNOTATIONS)];

    expect(firstColumn('The Secret')).toEqual(sorted(ofTheSecret));
    for (const word of [DEFAULT_SECRET_NAME, SECRET_TYPE, MANAGED_BY]) {
      expect(section('The Secret')).toContain(`\`${word}\``);
    }
  });

  it('names every annotation of the Lease', () => {
    expect(firstColumn('Annotation of the Lease')).toEqual(sorted(LEASE_ANNOTATIONS));
  });

  it('names every reason of an Event', () => {
    expect(firstColumn('Events')).toEqual(eventReasonsOfTheSource());
  });

  it('names every flag of `run` with its environment variable and its default', () => {
    const documented = rows('Command line')
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

  it('names no environment variable of ours that does not exist', () => {
    const existing = runOptions().map(({ envVar = '' }) => envVar);

    const named = REFERENCE.match(/\bECR_PULL_SECRETS_[A-Z_]+/g) ?? [];
    expect(named.filter((name) => !existing.includes(name))).toEqual([]);
  });
});

it.each([
  ['Doctor', doctorOptions()],
  ['Cleanup', cleanupOptions()],
])('the section %s names every flag that it takes, and no other', (title, options) => {
  const [sentence = ''] = section(title).split('. ');
  const named = sentence.match(/(?<=[`,] ?)--[a-z-]+/g) ?? [];

  expect([...named].sort()).toEqual(options.map(({ long }) => long ?? '').sort());
});

describe('the section on the doctor', () => {
  it('names every check in the order in which they are told, and every status', () => {
    expect(rows('Doctor').map(([name = '']) => unquoted(name))).toEqual(CHECK_NAMES);
    for (const status of STATUSES) expect(section('Doctor')).toContain(`\`${status}\``);
  });

  it('shows the JSON as it is rendered', () => {
    const [, example = ''] = /```json\n([^]*?)```/.exec(section('Doctor')) ?? [];
    const { checks } = JSON.parse(example) as { readonly checks: Parameters<typeof renderJson>[0] };

    expect(renderJson(checks)).toBe(example);
  });
});

describe('the section on cleanup', () => {
  it('names every kind of what may be left, and whether it is ours', () => {
    const documented = rows('Cleanup').map(([kind = '', , ours]) => [unquoted(kind), ours]);

    const kinds = Object.entries(LEFTOVER_KINDS);
    expect(documented).toEqual(kinds.map(([kind, ours]) => [kind, ours ? 'yes' : 'no']));
  });

  it('shows the JSON as it is rendered', () => {
    const [, example = ''] = /```json\n([^]*?)```/.exec(section('Cleanup')) ?? [];
    const report = JSON.parse(example) as Parameters<typeof renderReportJson>[0];

    expect(renderReportJson({ ...report, ending: { kind: 'done' } })).toBe(example);
  });
});

/** The text under a heading, up to the next one of the same or a higher level. */
function section(title: string): string {
  const [, level = '', after = ''] =
    new RegExp(`^(#+) ${title}$([\\s\\S]*)`, 'm').exec(REFERENCE) ?? [];
  expect(level).not.toBe('');
  return after.split(new RegExp(`^#{1,${level.length}} `, 'm'))[0] ?? '';
}

/** The cells of all table rows of a section, headings and rules aside. */
function rows(title: string): readonly (readonly string[])[] {
  return section(title)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );
}

function firstColumn(title: string): readonly string[] {
  return rows(title)
    .map(([first = '']) => unquoted(first))
    .sort();
}

function unquoted(cell: string): string {
  return cell.replaceAll('`', '');
}

function sorted(names: Readonly<Record<string, string>> | readonly string[]): readonly string[] {
  return Object.values(names).sort();
}

/** Events get their reason from a condition, an error's `eventReason`, or a literal where they are emitted. */
function eventReasonsOfTheSource(): readonly string[] {
  const given =
    /\b(?:reason|eventReason|EVENT_REASON)\??\s*(?::|=(?!=)|\?\?)[\s|]*((?:'\w+'[\s|]*)+)/g;
  const announced = /'((?:PullSecret|TokenRequest)[A-Z]\w+)'/g;
  const source = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('simulator'))
    .map((name) => readFileSync(join(ROOT, 'src', name), 'utf8'))
    .join('\n');
  const literals = [...source.matchAll(given), ...source.matchAll(announced)].flatMap(
    ([, text = '']) => text.match(/\w+/g) ?? [],
  );
  // The reasons of steps begin with a lower-case letter.
  return [...new Set(literals.filter((literal) => /^[A-Z]/.test(literal)))].sort();
}
