/** A promise that was broken. */

export interface Violation {
  /** An invariant of DESIGN.md's section 3, or `contract` for the other promises of its section 2. */
  readonly invariant: `I${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12}` | 'contract';
  /** The name of the check. */
  readonly check: string;
  readonly what: string;
}

export type Report = (violation: Violation) => void;

export function renderViolation({ invariant, check, what }: Violation): string {
  return `${invariant} ${check}: ${what}`;
}
