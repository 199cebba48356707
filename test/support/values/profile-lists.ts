/** Lists of profiles as a tenant may write them, in good faith or not. */
import * as fc from 'fast-check';
import { anyText } from '../suite/any-text.ts';

const item = fc.oneof(
  fc.constantFrom('default', 'mine', 'theirs', 'broken', 'unknown', 'constructor', 'tostring'),
  fc.constantFrom('__proto__', 'hasOwnProperty', 'mіne', 'theirs\u200b', 'THEIRS', 'ｔheirs', ''),
  fc.constantFrom('*', 'arn:aws:iam::123456789012:role/x', '../theirs', 'mine=theirs', '{}', '[]'),
  anyText({ maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('a', 'b', '-', 'm', '9'), maxLength: 70 }),
);
export const profileLists: fc.Arbitrary<string> = fc.oneof(
  { weight: 60, arbitrary: fc.array(item, { maxLength: 8 }).map((items) => items.join()) },
  { weight: 30, arbitrary: fc.array(item, { maxLength: 4 }).map((items) => items.join(' , ')) },
  { weight: 10, arbitrary: anyText() },
  // The maximum size of annotations.
  { weight: 1, arbitrary: item.map((each) => `${each},`.repeat(256 * 1024).slice(0, 256 * 1024)) },
  { weight: 1, arbitrary: fc.constant('theirs,'.repeat(2_000).slice(0, -1)) },
);
