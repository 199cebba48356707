import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { anyText } from '../../../support/suite/any-text.ts';
import {
  type TokenRecord,
  parseTokenRecords,
  renderTokenRecords,
} from '../../../../src/domain/state/token-record.ts';

const GOLDEN =
  '[{"profile":"shared","identity":"ab12","mintedAt":"2026-01-01T00:00:00.000Z","expiresAt":"2026-01-01T12:00:00.000Z","registries":["a.example","b.example"]},' +
  '{"profile":"team-a","identity":"01cd","mintedAt":"2026-01-01T00:00:00.500Z","expiresAt":"2026-01-01T12:00:00.500Z","registries":["c.example"]},' +
  '{"profile":"team-a","identity":"02cd","mintedAt":"2026-01-01T00:00:01.000Z","expiresAt":"2026-01-01T12:00:01.000Z","registries":["d.example"]}]';
const records = [
  record('team-a', '02cd', '01.000', ['d.example']),
  record('shared', 'ab12', '00.000', ['a.example', 'b.example']),
  record('team-a', '01cd', '00.500', ['c.example']),
];

function record(
  profile: string,
  identity: string,
  seconds: string,
  registries: readonly string[],
): TokenRecord {
  return {
    profile,
    identity,
    mintedAt: new Date(`2026-01-01T00:00:${seconds}Z`),
    expiresAt: new Date(`2026-01-01T12:00:${seconds}Z`),
    registries,
  };
}

describe('the tokens annotation', () => {
  it('is pinned: every release must read what another one has written', () => {
    expect(renderTokenRecords(records)).toBe(GOLDEN);
    expect(renderTokenRecords([])).toBe('[]');
    expect(parseTokenRecords(GOLDEN)).toEqual([records[1], records[2], records[0]]);
  });

  it('reads back what it wrote, whatever the order', () => {
    // RFC 3339 has years of four digits.
    const min = new Date('0001-01-01T00:00:00Z');
    const date = fc.date({ noInvalidDate: true, min, max: new Date('9999-12-31T23:59:59Z') });
    const one = fc.record({
      profile: fc.string(),
      identity: fc.string(),
      mintedAt: date,
      expiresAt: date,
      registries: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 5 }), (some) => {
        const text = renderTokenRecords(some);
        const read = parseTokenRecords(text);
        expect(read).toHaveLength(some.length);
        expect(renderTokenRecords(read ?? [])).toBe(text);
      }),
    );
  });

  it('has the registries sorted, so that equal records give equal text', () => {
    const [, shared] = records.map((each) => ({
      ...each,
      registries: [...each.registries].reverse(),
    }));

    expect(renderTokenRecords(shared === undefined ? [] : [shared])).toContain(
      '"registries":["a.example","b.example"]',
    );
  });

  it('may gain keys in a later release', () => {
    expect(parseTokenRecords(GOLDEN.replace('{', '{"region":"eu-west-1",'))).toHaveLength(3);
  });

  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['no JSON', '[{'],
    ['no list', '{"profile":"a"}'],
    ['null', 'null'],
    ['a list of null', '[null]'],
    ['a list of lists', '[[]]'],
    ['an item without its identity', '[{"profile":"a","mintedAt":"x","expiresAt":"x"}]'],
    ['an item without its registries', GOLDEN.replace(',"registries":["d.example"]', '')],
    ['an item with no registry', GOLDEN.replace('["d.example"]', '[]')],
    ['a registry that is not text', GOLDEN.replace('"d.example"', '1')],
    ['registries that are not a list', GOLDEN.replace('["d.example"]', '"d.example"')],
    ['a time that is a number', GOLDEN.replace('"2026-01-01T00:00:00.000Z"', '1767225600000')],
    ['a time that we would not write', GOLDEN.replace('2026-01-01T00:00:00.000Z', '2026')],
    [
      'a day that does not exist',
      GOLDEN.replace('2026-01-01T00:00:00.000Z', '2026-02-30T00:00:00.000Z'),
    ],
    ['a very long text', `${GOLDEN}${' '.repeat(64 * 1024)}`],
  ])('is unreadable when it holds %s', (_, text) => {
    expect(parseTokenRecords(text)).toBeUndefined();
  });

  it('is never a reason to throw', () => {
    fc.assert(
      fc.property(fc.oneof(anyText(), fc.json()), (text) => {
        parseTokenRecords(text);
      }),
    );
  });
});
