/**
 * Text that a pattern validates. The chart's schema is generated from these patterns, so each must also work in helm's
 * RE2: no flags, no lookahead, no back references, no counts over 1000.
 */
import * as z from 'zod';

/** `what` continues the sentence "must be". */
export function patternText(pattern: RegExp, what: string, maxLength = Infinity) {
  const text = z.string().regex(pattern, { error: `must be ${what}`, abort: true });
  const short = maxLength === Infinity ? text : text.max(maxLength, `must be ${what}`);
  return short.meta({ description: sentence(what) });
}

/** For a pattern that is too long to show to people. `but`: texts that match but are invalid nevertheless. */
export function longPatternText(pattern: RegExp, what: string, but?: RegExp) {
  const unless = but === undefined ? {} : { not: { pattern: but.source } };
  return z
    .string(`must be ${what}`)
    .refine((text) => pattern.test(text) && but?.test(text) !== true, {
      error: `must be ${what}`,
      abort: true,
    })
    .meta(inWords({ pattern: pattern.source, ...unless }, what));
}

/**
 * The rule as JSON Schema, in a form that makes helm print what the value must be instead of the pattern: a value that
 * breaks the rule must be a constant, which no valid value is.
 */
export function inWords(rule: object, what: string): Readonly<Record<string, unknown>> {
  return { description: sentence(what), if: rule, else: { const: what } };
}

function sentence(what: string): string {
  return what.charAt(0).toUpperCase() + what.slice(1);
}
