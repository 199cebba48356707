/** The schema of what picks namespaces: name patterns and label selectors, checked as the API server would. */
import * as z from 'zod';
import type { LabelRequirement, NamespaceMatcher } from '../domain/settings.ts';
import { section } from './fault.ts';

const LABEL_PREFIX = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const LABEL_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const EMPTY = 'is empty: say names: ["*"] for all namespaces';

const NO_LABELS = 'is empty: give matchLabels or matchExpressions; names stand beside it';

/** Of namespaces; `*` stands for any run of characters. */
export const namePattern = z
  .string()
  .regex(
    /^[a-z0-9*-]{1,253}$/,
    'must be a namespace name of a-z, 0-9 and -, with * for any run of characters',
  );

/** One namespace: its rights are a Role in it, so it can be no pattern. */
export const namespaceName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be the name of a namespace, without *');

const names = z.array(namePattern).min(1);
const labelKey = z.string().refine(isLabelKey, 'is not a label key');
const labelValue = z.string().refine(isLabelValue, 'is not a label value');

const requirement = section({
  key: labelKey,
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
  values: z.array(labelValue).default([]),
}).superRefine(({ operator, values }, context) => {
  const takesValues = operator === 'In' || operator === 'NotIn';
  if (takesValues === values.length > 0) return;
  const message = takesValues
    ? `must be given with ${operator}`
    : `must not be given with ${operator}`;
  context.addIssue({ code: 'custom', path: ['values'], message });
});

/** Not a zod record: that drops a key called `__proto__` in silence, and a selector would match more than is written. */
const labels = z.unknown().transform((value, context): Readonly<Record<string, string>> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    context.addIssue({ code: 'custom', message: 'must be a mapping of label keys to values' });
    return z.NEVER;
  }
  const pairs: [string, string][] = [];
  for (const [key, label] of Object.entries(value)) {
    if (!isLabelKey(key)) {
      context.addIssue({ code: 'custom', path: [key], message: 'is not a label key' });
    } else if (typeof label !== 'string' || !isLabelValue(label)) {
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
});

const labelParts = {
  matchLabels: labels.optional(),
  matchExpressions: z.array(requirement).optional(),
};

/** `namespaces.selector`. */
export const namespaceSelector = section({ names: names.optional(), ...labelParts })
  .transform((selector): NamespaceMatcher => matcherOf(selector.names, selector))
  .refine((matcher) => !isEmpty(matcher), EMPTY);

/** A profile's `allowedNamespaces`. */
export const allowedNamespaces = section({
  names: names.optional(),
  selector: section(labelParts)
    .refine((parts) => !isEmpty(matcherOf(undefined, parts)), NO_LABELS)
    .optional(),
})
  .transform(({ names, selector }): NamespaceMatcher => matcherOf(names, selector ?? {}))
  .refine((matcher) => !isEmpty(matcher), EMPTY);

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

function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  if (slash === -1) return LABEL_NAME.test(key);
  return LABEL_PREFIX.test(key.slice(0, slash)) && LABEL_NAME.test(key.slice(slash + 1));
}

function isLabelValue(value: string): boolean {
  return value === '' || LABEL_NAME.test(value);
}
