/** A promise that was not kept. */

export interface Violation {
  /** Of DESIGN.md's section 3, or `contract` for what its section 2 promises beside them. */
  readonly invariant: `I${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10}` | 'contract';
  /** Of the check. */
  readonly check: string;
  readonly what: string;
}

export type Report = (violation: Violation) => void;

export function renderViolation({ invariant, check, what }: Violation): string {
  return `${invariant} ${check}: ${what}`;
}
