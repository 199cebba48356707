/** The schema of what selects namespaces: name patterns and label selectors, validated like the API server does. */
import * as z from 'zod';
import type { LabelRequirement, NamespaceMatcher } from '../domain/settings.ts';
import { section } from './fault.ts';
import { inWords, patternText } from './patterns/pattern-text.ts';

const LABEL_KEY =
  /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;
const EMPTY = 'is empty: for all namespaces, set names: ["*"]';

const SELECTING = 'a selector that is not empty; for all namespaces, set names: ["*"]';
const NO_LABELS =
  'is empty: set matchLabels or matchExpressions; names belong next to selector, not in it';
const SELECTING_LABELS =
  'a selector with matchLabels or matchExpressions; names belong next to it, not in it';

/** A namespace name; `*` stands for any sequence of characters. */
export const namePattern = patternText(
  /^[a-z0-9*-]{1,253}$/,
  'a namespace name of a-z, 0-9 and -, with * for any sequence of characters',
).meta({ id: 'namespacePattern' });

/** The name of one namespace: its permissions come from a Role in it, so it can't be a pattern. */
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
      ? `is required with ${operator}`
      : `is not allowed with ${operator}`;
    context.addIssue({ code: 'custom', path: ['values'], message });
  })
  .meta({
    if: { properties: { operator: { enum: TAKE_VALUES } } },
    // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's word
    then: { required: ['values'], properties: { values: { minItems: 1 } } },
    else: { properties: { values: { maxItems: 0 } } },
  });

/** Not a zod record: that silently drops a key `__proto__`, and the selector would match more than is written. */
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
          message: 'must be a label value: text, in quotes if necessary',
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

/** A selector needs at least one of these. */
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
