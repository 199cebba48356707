/** What one process asks of the API server and of ECR, and how often. */
import type { Budget } from './config-model.ts';
import type { Report } from './violation.ts';

/** DESIGN.md 6: two mints of one identity are at least 10 s apart. */
const SPACING_MS = 10_000;

/** The lease has a budget of its own. */
const LEASE_BUDGET: Budget = { qps: 5, burst: 5 };

/** Fills with each request and runs out at the rate that is allowed: `burst + qps · t` at most, over any time `t`. */
class Bucket {
  readonly #budget: Budget;
  #level = 0;
  #atMs = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** False for one too many. */
  take(nowMs: number): boolean {
    const { qps, burst } = this.#budget;
    this.#level = Math.max(0, this.#level - ((nowMs - this.#atMs) * qps) / 1000) + 1;
    this.#atMs = nowMs;
    return this.#level <= burst + 1;
  }
}

export class LoadCheck {
  readonly #requests: Bucket;
  readonly #turns = new Bucket(LEASE_BUDGET);
  readonly #report: Report;
  readonly #mints = new Map<string, { inFlight: number; tokenAskedMs: number; askedMs: number }>();

  constructor(budget: Budget, report: Report) {
    this.#requests = new Bucket(budget);
    this.#report = report;
  }

  /** Watches are not counted: there are three. */
  requested(nowMs: number, process: string): void {
    if (this.#requests.take(nowMs)) return;
    this.#report({ invariant: 'I8', check: 'request budget', what: process });
  }

  /** For the lease. */
  competed(nowMs: number, process: string): void {
    if (this.#turns.take(nowMs)) return;
    this.#report({ invariant: 'I8', check: 'budget of the lease', what: process });
  }

  /** Clocks that are set void the spacing: nobody knows then when the last mint was. */
  mintBegins(nowMs: number, region: string, isClockRight: boolean): void {
    const mints = this.#of(region);
    mints.inFlight += 1;
    mints.askedMs = nowMs;
    if (mints.inFlight > 1) {
      this.#report({ invariant: 'I8', check: 'single flight', what: `two mints in ${region}` });
    }
    const sinceMs = nowMs - mints.tokenAskedMs;
    if (isClockRight && sinceMs < SPACING_MS - 1) {
      const what = `${Math.round(sinceMs)} ms after the last mint in ${region}`;
      this.#report({ invariant: 'I8', check: 'mint spacing', what });
    }
  }

  lastMintMs(region: string): number {
    return this.#of(region).askedMs;
  }

  mintEnds(region: string, isToken: boolean): void {
    const mints = this.#of(region);
    mints.inFlight -= 1;
    if (isToken) mints.tokenAskedMs = mints.askedMs;
  }

  #of(region: string) {
    const known = this.#mints.get(region);
    if (known !== undefined) return known;
    const created = { inFlight: 0, tokenAskedMs: -Infinity, askedMs: -Infinity };
    this.#mints.set(region, created);
    return created;
  }
}
