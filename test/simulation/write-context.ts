/** A write of ours and all that it may be judged by. */
import type { Facts } from './facts.ts';
import type { HopRequest } from './hop-request.ts';
import type { Knowledge } from './knowledge.ts';
import type { SecretFacts } from './secret-facts.ts';
import type { IssuedTokens } from './simulated-ecr.ts';
import type { Report } from './violation.ts';

export interface WriteContext {
  readonly facts: Facts;
  readonly issued: IssuedTokens;
  readonly known: Knowledge;
  readonly hop: HopRequest;
  readonly report: Report;
}

export interface SecretStates {
  readonly before: SecretFacts | undefined;
  readonly after: SecretFacts;
}

/** Between the decision and the sending lie a moment and, at worst, a pause that the server asked for. */
export const DECISION_MS = 90_000;
/** Clocks are read in whole milliseconds, and a little before the request is sent. */
export const MOMENT_MS = 1_500;
