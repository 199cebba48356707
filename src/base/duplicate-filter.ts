/** Keeps a lasting condition from being reported again and again. */

/** Reporting something twice is better than growing without limit. */
const MAX_KEYS = 10_000;

/**
 * Lets a report through if it differs from the last one about the same thing, or if that was `windowMs` ago or more (never,
 * unless given). Remembers the 10,000 things that were reported last.
 */
export class DuplicateFilter {
  readonly #windowMs: number;
  /** By key, in the order of the last report. */
  readonly #reported = new Map<string, { readonly content: string; readonly atMs: number }>();

  constructor(windowMs = Infinity) {
    this.#windowMs = windowMs;
  }

  /**
   * Whether to report it now; if so, it counts as reported. `key`: what it is about. `content`: what must be equal
   * in a duplicate. `nowMs`: by either clock; ignored without a window.
   */
  isNews(key: string, content = '', nowMs = 0): boolean {
    const last = this.#reported.get(key);
    if (last?.content === content && isRecent(last.atMs, nowMs, this.#windowMs)) return false;
    this.forget(key);
    const [oldest] = this.#reported.keys();
    if (oldest !== undefined && this.#reported.size >= MAX_KEYS) this.forget(oldest);
    this.#reported.set(key, { content, atMs: nowMs });
    return true;
  }

  /** It is over: the next report is news, whatever its content. Returns whether there had been a report. */
  forget(key: string): boolean {
    return this.#reported.delete(key);
  }
}

/** Whether `atMs` is less than `windowMs` ago. A time in the future, from a clock that was set back, is not recent. */
export function isRecent(atMs: number, nowMs: number, windowMs: number): boolean {
  const ageMs = nowMs - atMs;
  return ageMs >= 0 && ageMs < windowMs;
}
