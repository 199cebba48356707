/** Durations of at most 30 days as a pattern, for the chart's schema: with a longer one, no Pod would start. */

/**
 * A pattern can't add. So either the parts are so small that any sum of them is far below 30 days, or each part is less
 * than one of the unit before it.
 */
const UNITS = [
  { unit: 'd', digits: 5, small: 9, rest: 0, days30: 30 },
  { unit: 'h', digits: 5, small: 99, rest: 23, days30: 720 },
  { unit: 'm', digits: 6, small: 9999, rest: 59, days30: 43_200 },
  { unit: 's', digits: 8, small: 99_999, rest: 59, days30: 2_592_000 },
] as const;

type Unit = (typeof UNITS)[number];

/** `parseDurationMs` can parse every text that matches. */
export const UP_TO_30_DAYS = new RegExp(
  `^(?:${[
    ...fromEachUnit(
      (unit) => upTo(unit.small, unit),
      ({ small }) => small,
    ),
    ...fromEachUnit(
      (unit) => upTo(unit.days30 - 1, unit),
      ({ rest }) => rest,
    ),
    ...fromEachUnit(
      (unit) => padded(String(unit.days30), unit),
      () => 0,
    ),
  ].join('|')})$`,
);

/** Alternatives by first unit; smaller units may follow. */
function fromEachUnit(
  first: (unit: Unit) => string,
  mostAfter: (unit: Unit) => number,
): readonly string[] {
  return UNITS.map((unit, index) =>
    [
      `${first(unit)}${unit.unit}`,
      ...UNITS.slice(index + 1).map((next) => `(?:${upTo(mostAfter(next), next)}${next.unit})?`),
    ].join(''),
  );
}

function upTo(most: number, unit: Unit): string {
  const digits = String(most).split('');
  const lower = digits.flatMap((digit, index) => {
    const head = digits.slice(0, index).join('');
    const tail = digits.length - index - 1;
    if (digit === '0') return [];
    return `${head}[0-${Number(digit) - 1}]${tail === 0 ? '' : `[0-9]{${tail}}`}`;
  });
  const shorter = digits.length === 1 ? [] : [`[0-9]{1,${digits.length - 1}}`];
  return padded([...shorter, ...lower, digits.join('')].join('|'), unit, digits.length);
}

/** With leading zeros, as many as `parseDurationMs` accepts. */
function padded(number: string, { digits }: Unit, length = number.length): string {
  return `0{0,${digits - length}}(?:${number})`;
}
