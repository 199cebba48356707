import { describe, expect, it } from '@jest/globals';
import { renderAge } from '../../../../simulator/tables/human-age.ts';

const start = '2026-01-01T00:00:00Z';
const minute = 60;
const hour = 3_600;
const day = 24 * hour;
const year = 365 * day;

describe('renderAge', () => {
  /** From the tests and the code of k8s.io/apimachinery/pkg/util/duration. */
  it.each([
    [0, '0s'],
    [1, '1s'],
    [70, '70s'],
    [119, '119s'],
    [2 * minute, '2m'],
    [2 * minute + 1, '2m1s'],
    [9 * minute + 59, '9m59s'],
    [10 * minute, '10m'],
    [10 * minute + 59, '10m'],
    [3 * hour - 1, '179m'],
    [3 * hour, '3h'],
    [3 * hour + minute, '3h1m'],
    [8 * hour - 1, '7h59m'],
    [8 * hour, '8h'],
    [2 * day - 1, '47h'],
    [2 * day, '2d'],
    [2 * day + hour, '2d1h'],
    [8 * day - 1, '7d23h'],
    [8 * day, '8d'],
    [8 * day + hour, '8d'],
    [2 * year - 1, '729d'],
    [2 * year, '2y'],
    [2 * year + day, '2y1d'],
    [8 * year, '8y'],
    [8 * year + 364 * day, '8y'],
    [-1, '0s'],
    [-2, '<invalid>'],
  ])('shows %d seconds as %s', (seconds, shown) => {
    const now = new Date(Date.parse(start) + seconds * 1_000);

    expect(renderAge(start, now)).toBe(shown);
  });

  it.each([undefined, null, ''])('shows no age without a time: %p', (since) => {
    expect(renderAge(since, new Date())).toBe('<unknown>');
  });
});
