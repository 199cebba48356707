/** What the controller counts. Durations are in milliseconds. */

export interface Measurements {
  tokenRequested(profile: string, result: string, durationMs: number): void;
  written(kind: 'Secret' | 'ServiceAccount', verb: string, result: string): void;
  conflicted(kind: 'Secret' | 'ServiceAccount'): void;
  ownershipRefused(reason: string): void;
  reconciled(outcome: string, durationMs: number): void;
  /** An Event was not sent: there were too many, or the API server refused it. */
  eventDropped(): void;
  /** From first seeing an opted-in namespace without our Secret until everything is in place. */
  namespaceReady(durationMs: number): void;
}
