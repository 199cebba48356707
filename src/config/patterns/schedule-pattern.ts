/**
 * Cron of five fields as patterns. node-cron decides what can be scheduled, but the chart's schema can't ask it, and
 * with a schedule that is rejected at start no Pod starts. So these patterns accept only what node-cron accepts, and
 * nearly all of that.
 */

const SHORT_MONTHS = ['0?2|feb(?:ruary)?', '0?4|apr(?:il)?', '0?6|june?', '0?9|sep(?:tember)?'];
const FEBRUARY = anyCase(SHORT_MONTHS.slice(0, 1).join('|'));
const SHORT = [...SHORT_MONTHS, '11|nov(?:ember)?'].map(anyCase);
const MONTH = anyCase(
  '0?[1-9]|1[0-2]|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?' +
    '|sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?',
);
const WEEKDAY = anyCase(
  '[0-7]|sun(?:day)?|mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?',
);
const DAY = '0?[1-9]|[12][0-9]|3[01]';
const STEP = '/0*[1-9][0-9]*';

export const SCHEDULE = fields(
  field('[0-5]?[0-9]'),
  field('[01]?[0-9]|2[0-3]'),
  `(?:${field(DAY, `[lL][wW]?|[lL]-(?:0?[1-9]|[12][0-9]|30)|(?:${DAY})[wW]`)}|[?])`,
  field(MONTH),
  `(?:${field(WEEKDAY, `(?:${WEEKDAY})(?:[lL]|#[1-5])`)}|[?])`,
);

/**
 * Days that never come: only the 30th or 31st, in months with fewer days. A range with steps may still include another
 * day or month, as in `31 2-12/2`; but a pattern can't count, so such a range is rejected if it starts with such a day
 * or month.
 */
export const NEVER = either(
  fields('\\S+', '\\S+', list(`31(?:-31|-(?:${DAY})${STEP})?`), list(...SHORT.map(alone)), '\\S+'),
  fields(
    '\\S+',
    '\\S+',
    list(`30(?:-3[01])?|31(?:-31)?|3[01]-(?:${DAY})${STEP}`),
    list(alone(FEBRUARY)),
    '\\S+',
  ),
);

/** A list of values, ranges and steps through ranges, each of `value`; or of `other`. */
function field(value: string, other?: string): string {
  return list(
    `[*](?:${STEP})?`,
    `(?:${value})(?:-(?:${value})(?:${STEP})?)?`,
    ...(other === undefined ? [] : [other]),
  );
}

/** One month, also written as a range, or with any range with steps that starts with it. */
function alone(month: string): string {
  return `(?:${month})(?:-(?:${month})|-(?:${MONTH})${STEP})?`;
}

function list(...items: readonly string[]): string {
  const item = `(?:${items.join('|')})`;
  return `${item}(?:,${item})*`;
}

function fields(...patterns: readonly string[]): RegExp {
  return new RegExp(`^ *${patterns.join(' +')} *$`);
}

function either(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join('|'));
}

/** Instead of a flag, which RE2 writes differently. */
function anyCase(pattern: string): string {
  return pattern.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
