import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  matchesName,
  matchesNamespace,
} from '../../../../src/domain/eligibility/namespace-matcher.ts';
import type { LabelRequirement, NamespaceMatcher } from '../../../../src/domain/settings.ts';

function matcher(parts: Partial<NamespaceMatcher>): NamespaceMatcher {
  return { names: undefined, matchLabels: {}, matchExpressions: [], ...parts };
}

describe('matchesName', () => {
  it.each([
    ['team-a', 'team-a', true],
    ['team-a', 'team-ab', false],
    ['team-*', 'team-a', true],
    ['team-*', 'team-', true],
    ['team-*', 'steam-a', false],
    ['*-prod', 'a-prod', true],
    ['*-prod', 'prod', false],
    ['*', 'anything', true],
    ['**', 'anything', true],
    ['a*b*c', 'axxbyyc', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['a*ab*b', 'aab', false],
    ['*a*', 'bbb', false],
    ['a.c', 'abc', false],
    ['', '', true],
    ['', 'a', false],
  ])('pattern %j and name %j: %j', (pattern, name, expected) => {
    expect(matchesName([pattern], name)).toBe(expected);
  });

  it('is true if any pattern matches, and never without patterns', () => {
    expect(matchesName(['x', 'team-*'], 'team-a')).toBe(true);
    expect(matchesName([], 'team-a')).toBe(false);
  });

  it('agrees with the textbook definition', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 7 });
    fc.assert(
      fc.property(patterns, letters, (pattern, name) => {
        expect(matchesName([pattern], name)).toBe(matchesByDefinition(pattern, name));
      }),
      { numRuns: 2000 },
    );
  });

  it('is not slowed down by a pattern of many stars', () => {
    const startedAt = performance.now();

    const isMatch = matchesName([`${'*a'.repeat(120)}*b`], 'a'.repeat(63));

    expect(isMatch).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(50);
  });
});

describe('matchesNamespace', () => {
  const labels = { team: 'a', tier: '', constructor: 'x' };

  it.each<[LabelRequirement, boolean]>([
    [{ key: 'team', operator: 'In', values: ['a', 'b'] }, true],
    [{ key: 'team', operator: 'In', values: ['b'] }, false],
    [{ key: 'absent', operator: 'In', values: ['a'] }, false],
    [{ key: 'team', operator: 'NotIn', values: ['b'] }, true],
    [{ key: 'team', operator: 'NotIn', values: ['a'] }, false],
    [{ key: 'absent', operator: 'NotIn', values: ['a'] }, true],
    [{ key: 'tier', operator: 'Exists', values: [] }, true],
    [{ key: 'absent', operator: 'Exists', values: [] }, false],
    [{ key: 'toString', operator: 'Exists', values: [] }, false],
    [{ key: 'constructor', operator: 'In', values: ['x'] }, true],
    [{ key: 'absent', operator: 'DoesNotExist', values: [] }, true],
    [{ key: 'tier', operator: 'DoesNotExist', values: [] }, false],
    [{ key: 'toString', operator: 'DoesNotExist', values: [] }, true],
  ])('judges %j as Kubernetes does', (requirement, expected) => {
    const isMatch = matchesNamespace(matcher({ matchExpressions: [requirement] }), {
      name: 'ns',
      labels,
    });

    expect(isMatch).toBe(expected);
  });

  it('requires every part that is given', () => {
    const all = matcher({
      names: ['team-*'],
      matchLabels: { team: 'a' },
      matchExpressions: [{ key: 'tier', operator: 'Exists', values: [] }],
    });

    expect(matchesNamespace(all, { name: 'team-a', labels })).toBe(true);
    expect(matchesNamespace(all, { name: 'other', labels })).toBe(false);
    expect(matchesNamespace(all, { name: 'team-a', labels: { ...labels, team: 'b' } })).toBe(false);
    expect(matchesNamespace(all, { name: 'team-a', labels: { team: 'a' } })).toBe(false);
  });

  it('does not mistake an inherited property for a label', () => {
    const isMatch = matchesNamespace(matcher({ matchLabels: { toString: 'x' } }), {
      name: 'ns',
      labels: {},
    });

    expect(isMatch).toBe(false);
  });
});

function matchesByDefinition(pattern: string, name: string): boolean {
  if (pattern === '') return name === '';
  if (pattern.startsWith('*')) {
    return (
      matchesByDefinition(pattern.slice(1), name) ||
      (name !== '' && matchesByDefinition(pattern, name.slice(1)))
    );
  }
  return pattern[0] === name[0] && matchesByDefinition(pattern.slice(1), name.slice(1));
}
