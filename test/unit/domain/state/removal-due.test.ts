import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  type RemovalDue,
  dueOfAll,
  dueOfProfile,
  parseRemovalDue,
  renderRemovalDue,
} from '../../../../src/domain/state/removal-due.ts';

const at = new Date('2026-01-01T00:10:00Z');
const later = new Date('2026-01-01T00:20:00.500Z');

describe('the removal-due-at annotation', () => {
  it.each<[string, RemovalDue]>([
    ['2026-01-01T00:10:00.000Z', { kind: 'whole', at }],
    ['team-a=2026-01-01T00:10:00.000Z', { kind: 'profiles', at: new Map([['team-a', at]]) }],
    [
      'team-b=2026-01-01T00:20:00.500Z,team-a=2026-01-01T00:10:00.000Z',
      {
        kind: 'profiles',
        at: new Map([
          ['team-b', later],
          ['team-a', at],
        ]),
      },
    ],
  ])('is pinned: %s', (text, due) => {
    expect(renderRemovalDue(due)).toBe(text);
    expect(parseRemovalDue(text)).toEqual(due);
    expect(dueOfAll([due])).toEqual(at);
  });

  it('counts for all, or for one profile, with the earliest time of any source', () => {
    const whole = { kind: 'whole', at: later } as const;
    const ofA = { kind: 'profiles', at: new Map([['team-a', at]]) } as const;

    expect(dueOfAll([undefined, whole, ofA])).toEqual(at);
    expect(dueOfProfile('team-a', [whole, ofA])).toEqual(at);
    expect(dueOfProfile('team-b', [whole, ofA])).toEqual(later);
    expect(dueOfProfile('team-b', [undefined, ofA])).toBeUndefined();
    expect(dueOfAll([undefined])).toBeUndefined();
  });

  it.each([
    undefined,
    '',
    '0',
    '2026',
    '2026-01-01',
    '2026-13-01T00:10:00Z',
    '2026-01-01 00:10:00Z',
    '2026-01-01T00:10:00',
    'Thu, 01 Jan 2026 00:10:00 GMT',
    '=',
    '=2026-01-01T00:10:00.000Z',
    'team-a=',
    'team-a=soon',
    'team-a=2026-01-01T00:10:00.000Z,',
    'team-a=2026-01-01T00:10:00.000Z=x',
    'team-a=2026-01-01T00:10:00.000Z,2026-01-01T00:10:00.000Z',
    `team-a=2026-01-01T00:10:00.000Z,${'a'.repeat(16 * 1024)}`,
  ])('is unreadable when it is %j', (text) => {
    expect(parseRemovalDue(text)).toBeUndefined();
  });

  it.each(['2026-01-01T00:10:00Z', '2026-01-01T01:10:00+01:00', '2026-01-01T00:10:00.000000Z'])(
    'is read in the forms of RFC 3339 that people write: %s',
    (text) => {
      expect(parseRemovalDue(text)).toEqual({ kind: 'whole', at });
    },
  );

  it('is read as one of the times that it names, or not at all', () => {
    const stamp = fc.oneof(
      fc.string(),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      fc.integer().map(String),
    );
    fc.assert(
      fc.property(stamp, fc.option(fc.string(), { nil: undefined }), (time, profile) => {
        const due = parseRemovalDue(profile === undefined ? time : `${profile}=${time}`);
        expect(
          due === undefined || time.includes(dueOfAll([due])?.toISOString() ?? 'no time'),
        ).toBe(true);
      }),
    );
  });
});
