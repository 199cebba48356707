/** Renovate updates: late enough to be trusted, at once for a vulnerability, and never for our deliberate pins. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Rule {
  readonly matchPackageNames?: readonly string[];
  readonly matchUpdateTypes?: readonly string[];
  readonly enabled?: boolean;
  readonly minimumReleaseAge?: string;
}

interface Renovate {
  readonly extends: readonly string[];
  readonly minimumReleaseAge: string;
  readonly internalChecksFilter: string;
  readonly vulnerabilityAlerts: { readonly minimumReleaseAge: unknown; readonly schedule: unknown };
  readonly packageRules: readonly Rule[];
}

const read = (path: string): string =>
  readFileSync(join(import.meta.dirname, '../../..', path), 'utf8');
const renovate = JSON.parse(read('renovate.json')) as Renovate;

describe('renovate.json', () => {
  it('waits a week for every update, and opens nothing before', () => {
    const ages = [renovate, ...renovate.packageRules].flatMap(
      ({ minimumReleaseAge }) => minimumReleaseAge ?? [],
    );

    expect(ages.map((age) => /^(\d+) days$/.exec(age)?.[1]).map(Number)).toEqual([7]);
    expect(renovate.internalChecksFilter).toBe('strict');
  });

  it('does not wait if a vulnerability is known', () => {
    expect(renovate.vulnerabilityAlerts).toMatchObject({ minimumReleaseAge: null, schedule: [] });
  });

  it('pins actions and base images by digest', () => {
    expect(renovate.extends).toEqual(
      expect.arrayContaining(['helpers:pinGitHubActionDigests', 'docker:pinDigests']),
    );
  });

  it('skips what CONTRIBUTING.md calls pinned on purpose', () => {
    const [, sentence = ''] = /^(.*) are pinned on purpose/m.exec(read('CONTRIBUTING.md')) ?? [];
    const pins = [...sentence.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

    const isLeft = ({ enabled, matchUpdateTypes }: Rule): boolean =>
      enabled === false && matchUpdateTypes === undefined;
    const left = renovate.packageRules.filter(isLeft).flatMap((rule) => rule.matchPackageNames);
    expect(pins.length).toBeGreaterThan(0);
    expect(new Set(left)).toEqual(new Set(pins));
  });
});
