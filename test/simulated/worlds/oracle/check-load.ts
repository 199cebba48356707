/** What one process requests from the API server and from ECR, and how often. */
import type { Budget } from '../model/config-model.ts';
import type { MintResult } from '../network/simulated-ecr.ts';
import type { Report } from '../violation.ts';

/** DESIGN.md 6: two mints of one identity are at least 10 s apart. */
const SPACING_MS = 10_000;

/** While somebody waits for a token, AWS gets a call every 5 s (ADR 34), and at first, or after a success, a few more. */
const CALLS: Budget = { qps: 1 / 5, burst: 8 };

/** The lease has a budget of its own. */
const LEASE_BUDGET: Budget = { qps: 5, burst: 5 };

/** Fills with each request and drains at the allowed rate: at most `burst + qps · t` in any time `t`. */
class Bucket {
  readonly #budget: Budget;
  #level = 0;
  #atMs = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** False if this is one too many. */
  take(nowMs: number): boolean {
    const { qps, burst } = this.#budget;
    this.#level = Math.max(0, this.#level - ((nowMs - this.#atMs) * qps) / 1000) + 1;
    this.#atMs = nowMs;
    return this.#level <= burst + 1;
  }
}

interface Mints {
  readonly calls: Bucket;
  inFlight: number;
  tokenAskedMs: number;
  askedMs: number;
  failingUntilMs: number;
  readonly tokens: number[];
}

export class LoadCheck {
  readonly #requests: Bucket;
  readonly #lease = new Bucket(LEASE_BUDGET);
  readonly #report: Report;
  readonly #mints = new Map<string, Mints>();

  constructor(budget: Budget, report: Report) {
    this.#requests = new Bucket(budget);
    this.#report = report;
  }

  /** Watches don't count: there are three. */
  requested(nowMs: number, process: string): void {
    if (this.#requests.take(nowMs)) return;
    this.#report({ invariant: 'I8', check: 'request budget', what: process });
  }

  /** For requests for the Lease. */
  competed(nowMs: number, process: string): void {
    if (this.#lease.take(nowMs)) return;
    this.#report({ invariant: 'I8', check: 'budget of the lease', what: process });
  }

  /** Setting a clock voids the spacing: nobody knows then when the last mint was. */
  mintBegins(nowMs: number, identity: string, isClockRight: boolean): void {
    const mints = this.#of(identity);
    mints.inFlight += 1;
    mints.askedMs = nowMs;
    if (mints.inFlight > 1) {
      this.#report({ invariant: 'I8', check: 'single flight', what: `two mints for ${identity}` });
    }
    if (!mints.calls.take(nowMs)) {
      const what = `${identity} is asked for more than once in five seconds`;
      this.#report({ invariant: 'I8', check: 'rate of mints', what });
    }
    const sinceMs = nowMs - mints.tokenAskedMs;
    if (isClockRight && sinceMs < SPACING_MS - 1) {
      const what = `${Math.round(sinceMs)} ms after the last mint for ${identity}`;
      this.#report({ invariant: 'I8', check: 'mint spacing', what });
    }
  }

  mintEnds(nowMs: number, identity: string, result: MintResult): void {
    const mints = this.#of(identity);
    mints.inFlight -= 1;
    if (result !== 'none') mints.tokenAskedMs = mints.askedMs;
    if (result === 'token') mints.tokens.push(nowMs);
    if (result !== 'token') mints.failingUntilMs = Infinity;
    else if (mints.failingUntilMs === Infinity) mints.failingUntilMs = nowMs;
  }

  lastMintMs(identity: string): number {
    return this.#of(identity).askedMs;
  }

  /**
   * Until when calls last failed, or returned a token that can't be trusted: the failure lasts until the next success.
   */
  failingUntilMs(identity: string): number {
    return this.#of(identity).failingUntilMs;
  }

  /** When it got tokens, by identity. */
  get tokens(): Iterable<readonly [identity: string, times: readonly number[]]> {
    return [...this.#mints].map(([identity, { tokens }]) => [identity, tokens] as const);
  }

  #of(identity: string): Mints {
    const known = this.#mints.get(identity);
    if (known !== undefined) return known;
    const created: Mints = {
      calls: new Bucket(CALLS),
      inFlight: 0,
      tokenAskedMs: -Infinity,
      askedMs: -Infinity,
      failingUntilMs: -Infinity,
      tokens: [],
    };
    this.#mints.set(identity, created);
    return created;
  }
}
