/**
 * Cron of five fields as patterns. node-cron decides what can be run, but the chart's schema can't ask it, and a schedule
 * that is refused at start lets no Pod start. So these take only what node-cron takes, and nearly all of it.
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
 * Days that never come: only the 30th or 31st, in months of fewer days. A range by steps may reach another day or month
 * after all, as in `31 2-12/2`; a pattern can't count, so it is refused where it begins with such a one.
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

/** A list of values, ranges, steps through ranges, and `other`: of `value`, one of them. */
function field(value: string, other?: string): string {
  return list(
    `[*](?:${STEP})?`,
    `(?:${value})(?:-(?:${value})(?:${STEP})?)?`,
    ...(other === undefined ? [] : [other]),
  );
}

/** A month by itself, written as a range or not, or with whatever comes after steps. */
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

/** Without a flag, since RE2 writes it differently. */
function anyCase(pattern: string): string {
  return pattern.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
