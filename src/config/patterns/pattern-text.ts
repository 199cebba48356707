/**
 * Text that a pattern judges. The chart's schema is generated from it, so a pattern is one for RE2 too, which helm has:
 * without flags, lookahead, back references, and counts over 1000.
 */
import * as z from 'zod';

/** `what` reads on from "must be". */
export function patternText(pattern: RegExp, what: string, maxLength = Infinity) {
  const text = z.string().regex(pattern, { error: `must be ${what}`, abort: true });
  const short = maxLength === Infinity ? text : text.max(maxLength, `must be ${what}`);
  return short.meta({ description: sentence(what) });
}

/** Where the pattern is longer than anybody reads. `but`: what it takes and is no good all the same. */
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
 * The rule in JSON Schema, so that helm tells what a value must be, where of the rule itself it would tell the pattern:
 * what breaks it must be a constant, which no good value is.
 */
export function inWords(rule: object, what: string): Readonly<Record<string, unknown>> {
  return { description: sentence(what), if: rule, else: { const: what } };
}

function sentence(what: string): string {
  return what.charAt(0).toUpperCase() + what.slice(1);
}
