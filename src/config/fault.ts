/** What is wrong with a configuration, where, and how to fix it; built from zod's issues. */
import * as z from 'zod';

export interface Fault {
  /** Such as `profiles.team-a.registries[0]`; empty for the file as a whole. */
  readonly path: string;
  /** Continues after the path: "must be …". Repeats no value of the file except profile, key and host names. */
  readonly message: string;
}

type Path = readonly PropertyKey[];

/** Plain words stay as they are; all other keys are quoted, so that a path is unambiguous. */
export function renderPath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = String(key);
    if (!/^[\w-]{1,63}$/.test(name)) return `${text}[${JSON.stringify(name.slice(0, 63))}]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

export function renderFault({ path, message }: Fault): string {
  return path === '' ? message : `${path}: ${message}`;
}

/** Returns either the checked value or all its faults, with paths that start at `at`. */
export function check<S extends z.ZodType>(
  schema: S,
  value: unknown,
  at: Path = [],
):
  { readonly value: z.output<S>; readonly faults?: never } | { readonly faults: readonly Fault[] } {
  const result = schema.safeParse(value, { error: describe });
  if (result.success) return { value: result.data };
  return { faults: result.error.issues.flatMap((issue) => faultsOf(issue, at)) };
}

/** A mapping in which an unknown key is a fault that lists the known keys. */
export function section<S extends z.ZodRawShape>(shape: S) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? `is not a known key; known keys here: ${known}` : undefined,
  });
}

function faultsOf(issue: z.core.$ZodIssue, at: Path): readonly Fault[] {
  const path = [...at, ...issue.path];
  if (issue.code === 'invalid_union') return intended(issue).flatMap((one) => faultsOf(one, path));
  const { message } = issue;
  if (issue.code !== 'unrecognized_keys') {
    return [
      { path: renderPath(path), message: path.length === 0 ? `the file ${message}` : message },
    ];
  }
  return issue.keys.map((key) => ({ path: renderPath([...path, key]), message }));
}

/** For a union: the issues of the option of the value's kind (list or mapping), else those of the last option. */
function intended({ errors }: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] {
  const isOfKind = (issues: readonly z.core.$ZodIssue[]) =>
    issues.every(({ code, path }) => code !== 'invalid_type' || path.length > 0);
  return errors.find(isOfKind) ?? errors.at(-1) ?? [];
}

const WORDS: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'text (in quotes)',
  number: 'a number',
  boolean: 'true or false',
  int: 'a whole number',
};

/** Our wording for zod's issues. */
function describe(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') return describeType(issue.expected, issue.input);
  if (issue.code === 'invalid_value') {
    return `must be one of ${issue.values.map(String).join(', ')}`;
  }
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`;
  if (issue.code !== 'too_small') return undefined;
  if (issue.origin === 'array') return 'must have at least one item';
  return `must be ${issue.inclusive === true ? 'at least' : 'greater than'} ${issue.minimum}`;
}

function describeType(expected: string, input: unknown): string {
  const required = WORDS[expected] ?? expected;
  if (input === undefined) {
    return `is missing: it must be ${expected === 'string' ? 'text' : required}`;
  }
  return input === null ? `is empty: set ${required} or remove the key` : `must be ${required}`;
}
