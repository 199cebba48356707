/** The schema of what picks namespaces: name patterns and label selectors, checked as the API server would. */
import * as z from 'zod';
import type { LabelRequirement, NamespaceMatcher } from '../domain/settings.ts';
import { section } from './fault.ts';
import { inWords, patternText } from './patterns/pattern-text.ts';

const LABEL_KEY =
  /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;
const EMPTY = 'is empty: say names: ["*"] for all namespaces';

const SELECTING = 'a selector that is not empty: say names: ["*"] for all namespaces';
const NO_LABELS = 'is empty: give matchLabels or matchExpressions; names stand beside it';
const SELECTING_LABELS = 'a selector with matchLabels or matchExpressions; names stand beside it';

/** Of namespaces; `*` stands for any run of characters. */
export const namePattern = patternText(
  /^[a-z0-9*-]{1,253}$/,
  'a namespace name of a-z, 0-9 and -, with * for any run of characters',
).meta({ id: 'namespacePattern' });

/** One namespace: its rights are a Role in it, so it can be no pattern. */
export const namespaceName = patternText(
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  'the name of a namespace, without *',
);

const names = z.array(namePattern).min(1);
const labelKey = z.string().regex(LABEL_KEY, 'is not a label key');
const labelValue = z.string().regex(LABEL_VALUE, 'is not a label value');

const TAKE_VALUES = ['In', 'NotIn'];

const requirement = section({
  key: labelKey,
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
  values: z.array(labelValue).default([]),
})
  .superRefine(({ operator, values }, context) => {
    const takesValues = TAKE_VALUES.includes(operator);
    if (takesValues === values.length > 0) return;
    const message = takesValues
      ? `must be given with ${operator}`
      : `must not be given with ${operator}`;
    context.addIssue({ code: 'custom', path: ['values'], message });
  })
  .meta({
    if: { properties: { operator: { enum: TAKE_VALUES } } },
    // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's word
    then: { required: ['values'], properties: { values: { minItems: 1 } } },
    else: { properties: { values: { maxItems: 0 } } },
  });

/** Not a zod record: that drops a key called `__proto__` in silence, and a selector would match more than is written. */
const labels = z
  .unknown()
  .transform((value, context): Readonly<Record<string, string>> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      context.addIssue({ code: 'custom', message: 'must be a mapping of label keys to values' });
      return z.NEVER;
    }
    const pairs: [string, string][] = [];
    for (const [key, label] of Object.entries(value)) {
      if (!LABEL_KEY.test(key)) {
        context.addIssue({ code: 'custom', path: [key], message: 'is not a label key' });
      } else if (typeof label !== 'string' || !LABEL_VALUE.test(label)) {
        context.addIssue({
          code: 'custom',
          path: [key],
          message: 'must be a label value: text, in quotes if need be',
        });
      } else {
        pairs.push([key, label]);
      }
    }
    return Object.fromEntries(pairs);
  })
  .meta({
    id: 'matchLabels',
    type: 'object',
    patternProperties: { [LABEL_KEY.source]: { type: 'string', pattern: LABEL_VALUE.source } },
    additionalProperties: false,
  });

const labelParts = {
  matchLabels: labels.optional(),
  matchExpressions: z.array(requirement).meta({ id: 'matchExpressions' }).optional(),
};

/** Of which one at least makes a selector say anything. */
const SOME_LABELS = [
  { required: ['matchLabels'], properties: { matchLabels: { minProperties: 1 } } },
  { required: ['matchExpressions'], properties: { matchExpressions: { minItems: 1 } } },
];

/** `namespaces.selector`. */
export const namespaceSelector = section({ names: names.optional(), ...labelParts })
  .transform((selector): NamespaceMatcher => matcherOf(selector.names, selector))
  .refine((matcher) => !isEmpty(matcher), EMPTY)
  .meta(inWords({ anyOf: [{ required: ['names'] }, ...SOME_LABELS] }, SELECTING));

/** A profile's `allowedNamespaces`. */
export const allowedNamespaces = section({
  names: names.optional(),
  selector: section(labelParts)
    .refine((parts) => !isEmpty(matcherOf(undefined, parts)), NO_LABELS)
    .meta(inWords({ anyOf: SOME_LABELS }, SELECTING_LABELS))
    .optional(),
})
  .transform(({ names, selector }): NamespaceMatcher => matcherOf(names, selector ?? {}))
  .refine((matcher) => !isEmpty(matcher), EMPTY)
  .meta({ minProperties: 1 });

interface LabelParts {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
  readonly matchExpressions?: readonly LabelRequirement[] | undefined;
}

function matcherOf(names: readonly string[] | undefined, parts: LabelParts): NamespaceMatcher {
  const { matchLabels = {}, matchExpressions = [] } = parts;
  return { names, matchLabels, matchExpressions };
}

function isEmpty({ names, matchLabels, matchExpressions }: NamespaceMatcher): boolean {
  return names === undefined && Object.keys(matchLabels).length + matchExpressions.length === 0;
}
