/** What one process asks of the API server and of ECR, and how often. */
import type { Budget } from './config-model.ts';
import type { Report } from './violation.ts';

/** DESIGN.md 6: two mints of one identity are at least 10 s apart. */
const SPACING_MS = 10_000;

export class LoadCheck {
  readonly #budget: Budget;
  readonly #report: Report;
  /** Fills with each request and runs out at the rate that is allowed. */
  #level = 0;
  #atMs = 0;
  readonly #mints = new Map<string, { inFlight: number; tokenAskedMs: number; askedMs: number }>();

  constructor(budget: Budget, report: Report) {
    this.#budget = budget;
    this.#report = report;
  }

  /** `burst + qps · t` at most, over any time `t`. Watches are not counted: there are three. */
  requested(nowMs: number, process: string): void {
    const { qps, burst } = this.#budget;
    this.#level = Math.max(0, this.#level - ((nowMs - this.#atMs) * qps) / 1000) + 1;
    this.#atMs = nowMs;
    if (this.#level <= burst + 1) return;
    this.#level = 0;
    const what = `${process} sent more than ${burst} + ${qps} t`;
    this.#report({ invariant: 'I8', check: 'request budget', what });
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
