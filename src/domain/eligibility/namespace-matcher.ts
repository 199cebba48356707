/** Matches namespaces by name patterns and label selectors, as Kubernetes does. A user's pattern never runs as a RegExp. */
import type { LabelRequirement, NamespaceMatcher } from '../settings.ts';

interface Candidate {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * True if every part that is set matches. An empty matcher matches everything, as in Kubernetes; the configuration
 * rejects one.
 */
export function matchesNamespace(matcher: NamespaceMatcher, candidate: Candidate): boolean {
  const { names, matchLabels, matchExpressions } = matcher;
  if (names !== undefined && !matchesName(names, candidate.name)) return false;
  return (
    Object.entries(matchLabels).every(([key, value]) => labelOf(candidate, key) === value) &&
    matchExpressions.every((requirement) => isMet(requirement, labelOf(candidate, requirement.key)))
  );
}

/** Whether the name alone decides nothing. */
export function readsLabels({ matchLabels, matchExpressions }: NamespaceMatcher): boolean {
  return Object.keys(matchLabels).length > 0 || matchExpressions.length > 0;
}

/** True if one of the patterns matches the whole name; `*` stands for any run of characters, including none. */
export function matchesName(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, name));
}

/** Finds each piece at its first position after the previous one: nothing is tried twice, so no pattern can blow up. */
function matchesPattern(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  if (name.length < first.length + last.length) return false;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;

  const end = name.length - last.length;
  let from = first.length;
  for (const piece of rest) {
    const at = name.indexOf(piece, from);
    if (at === -1 || at + piece.length > end) return false;
    from = at + piece.length;
  }
  return true;
}

function isMet({ operator, values }: LabelRequirement, label: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      return label === undefined || !values.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
  }
}

/** Own keys only: a label may be called `constructor`. */
function labelOf({ labels }: Candidate, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
