import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { anyText } from '../../../support/suite/any-text.ts';
import {
  type ServiceAccountList,
  isListed,
  parseAttach,
  parseNamespaceAnnotations,
} from '../../../../src/domain/state/annotations.ts';
import { NAMESPACE_ANNOTATIONS } from '../../../../src/domain/contract.ts';
import { annotationsOf } from '../../../support/values/builders.ts';

const defaults = {
  enabled: undefined,
  profiles: ['default'],
  serviceAccounts: { kind: 'all' },
  refreshRequestedAt: undefined,
};
/** The maximum number of characters, each of two UTF-16 units. */
const WIDE = '𝕏'.repeat(256);
const names = (...list: readonly string[]): ServiceAccountList => ({
  kind: 'names',
  names: new Set(list),
});

describe('the annotations of a namespace', () => {
  it('have the keys of the contract', () => {
    expect(NAMESPACE_ANNOTATIONS).toEqual({
      enabled: 'ecr-pull-secrets.io/enabled',
      profiles: 'ecr-pull-secrets.io/profiles',
      serviceAccounts: 'ecr-pull-secrets.io/service-accounts',
      refreshRequestedAt: 'ecr-pull-secrets.io/refresh-requested-at',
    });
  });

  it.each([
    ['nothing', {}, {}],
    ['true', { enabled: 'true' }, { enabled: true }],
    ['false', { enabled: 'false' }, { enabled: false }],
    ['a profile', { profiles: 'team-a' }, { profiles: ['team-a'] }],
    ['a profile twice, with spaces', { profiles: ' a , a' }, { profiles: ['a'] }],
    ['several profiles, in their order', { profiles: 'b, a,b' }, { profiles: ['b', 'a'] }],
    ['all', { serviceAccounts: ' * ' }, {}],
    ['none', { serviceAccounts: 'none' }, { serviceAccounts: { kind: 'none' } }],
    ['names', { serviceAccounts: 'b, a.b' }, { serviceAccounts: names('b', 'a.b') }],
    ['a request', { refreshRequestedAt: 'any value' }, { refreshRequestedAt: 'any value' }],
    ['a request of wide characters', { refreshRequestedAt: WIDE }, { refreshRequestedAt: WIDE }],
  ])('may say %s', (_, written, meant) => {
    const parsed = parseNamespaceAnnotations(annotationsOf(written));

    expect(parsed).toEqual({ kind: 'valid', value: { ...defaults, ...meant } });
  });

  it('report all their faults at once, each with its annotation and what is allowed', () => {
    const parsed = parseNamespaceAnnotations(
      annotationsOf({
        enabled: 'yes',
        profiles: 'A',
        serviceAccounts: ',',
        refreshRequestedAt: 'x'.repeat(300),
      }),
    );

    const faults = parsed.kind === 'invalid' ? parsed.faults : [];
    expect(faults).toHaveLength(4);
    expect(faults[0]).toBe(
      'annotation ecr-pull-secrets.io/enabled has the invalid value "yes"; allowed: "true" or "false"',
    );
    for (const fault of faults) expect(fault).toMatch(/; allowed: /);
  });

  it.each([
    ['profiles', 128],
    ['serviceAccounts', 1024],
  ] as const)('have at most so many names in %s, each counted once: %i', (key, most) => {
    const list = (count: number) =>
      Array.from({ length: count }, (_, n) => `n${n}`)
        .concat('n0')
        .join();

    const kinds = [most, most + 1].map(
      (count) => parseNamespaceAnnotations(annotationsOf({ [key]: list(count) })).kind,
    );

    expect(kinds).toEqual(['valid', 'invalid']);
  });

  it('tell whether the opt-in itself is unknown', () => {
    expect(parseNamespaceAnnotations(annotationsOf({ profiles: 'A' }))).toMatchObject({
      isEnabledUnknown: false,
    });
    expect(parseNamespaceAnnotations(annotationsOf({ enabled: 'A' }))).toMatchObject({
      isEnabledUnknown: true,
    });
  });

  it('never throw and repeat only a little, in printable ASCII', () => {
    const hostile = fc.oneof(
      anyText(),
      fc.constantFrom('x'.repeat(256 * 1024), '\u0000', '\u202e', 'a\nb', '𝕏'.repeat(100)),
    );
    const keys = fc.constantFrom(...Object.values(NAMESPACE_ANNOTATIONS), '__proto__', 'toString');
    fc.assert(
      fc.property(fc.dictionary(keys, hostile), (annotations) => {
        const parsed = parseNamespaceAnnotations(annotations);
        for (const fault of parsed.kind === 'invalid' ? parsed.faults : []) {
          expect(fault).toMatch(/^[ -~…]{1,250}$/);
        }
      }),
    );
  });
});

describe('the list of ServiceAccounts', () => {
  it.each<[ServiceAccountList, boolean]>([
    [{ kind: 'all' }, true],
    [{ kind: 'none' }, false],
    [names('default'), true],
    [names('other'), false],
  ])('%j', (list, isIn) => {
    expect(isListed(list, 'default')).toBe(isIn);
  });
});

describe('the annotation of a ServiceAccount', () => {
  it('is true, false or missing', () => {
    expect([undefined, 'true', 'false'].map(parseAttach)).toEqual(
      [undefined, true, false].map((value) => ({ kind: 'valid', value })),
    );
  });

  it('is a fault with any other value', () => {
    for (const value of ['', 'TRUE', ' true', '1', '__proto__']) {
      expect(parseAttach(value)).toMatchObject({
        kind: 'invalid',
        faults: [expect.stringContaining('ecr-pull-secrets.io/attach')],
      });
    }
  });
});
