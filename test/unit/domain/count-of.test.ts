import { expect, it } from '@jest/globals';
import { countOf } from '../../../src/domain/count-of.ts';

it.each([
  [0, '0 Secrets'],
  [1, '1 Secret'],
  [2, '2 Secrets'],
])('counts %i as %p', (count, text) => {
  expect(countOf(count, 'Secret')).toBe(text);
});
