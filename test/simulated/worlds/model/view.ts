/**
 * What one process can know about one kind of object, judged from outside by what was delivered to it. The oracle
 * allows a process to act on what was true at any moment since then, and on nothing older.
 */

interface Episode {
  readonly knownMs: number;
  readonly untilMs: number;
}

const REMEMBERED_MS = 20 * 60_000;

export class View {
  readonly #nowMs: () => number;
  /** Everything that happened up to this time has been delivered. */
  #knownMs = -Infinity;
  /** Past spans of ignorance. */
  #episodes: Episode[] = [];
  #isConnected = false;
  /** Its watch is open, and its events take effect only once the object has been read by name. */
  #isUnread = false;
  #pending = 0;
  /** The watch will never deliver events from this time on. */
  #lostSinceMs: number | undefined;
  #lastLossMs = -Infinity;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** A whole list, as of `asOfMs`. */
  listed(asOfMs: number): void {
    // Its watch is not open yet; what it decided a moment ago rested on what it knew until now.
    if (!this.#isFresh && this.#knownMs !== -Infinity) this.#remember();
    this.#knownMs = Math.max(this.#knownMs, asOfMs);
    if (this.#lastLossMs < asOfMs) this.#lostSinceMs = undefined;
    if (this.#isUnread) this.connected();
    else this.#freshen();
  }

  /** A frame is in flight. */
  sent(): void {
    if (this.#isFresh) this.#knownMs = this.#nowMs();
    this.#pending += 1;
  }

  delivered(): void {
    this.#pending -= 1;
    this.#freshen();
  }

  /** A frame will never arrive. */
  lost(): void {
    const nowMs = this.#nowMs();
    if (this.#isFresh) this.#knownMs = nowMs;
    this.#lostSinceMs ??= nowMs;
    this.#lastLossMs = nowMs;
  }

  connected({ isRead = true } = {}): void {
    this.#isUnread = !isRead;
    this.#isConnected = isRead;
    this.#freshen();
  }

  disconnected(): void {
    if (this.#isFresh) this.#knownMs = this.#nowMs();
    this.#isConnected = false;
    this.#isUnread = false;
    this.#pending = 0;
  }

  /** A decision of the last `slackMs` knew at least what was true at this time. */
  knownSince(slackMs: number): number {
    const nowMs = this.#nowMs();
    const fromMs = nowMs - slackMs;
    this.#episodes = this.#episodes.filter(({ untilMs }) => untilMs > nowMs - REMEMBERED_MS);
    const known = this.#episodes.filter(({ untilMs }) => untilMs > fromMs);
    const present = this.#isFresh ? fromMs : this.#floorMs;
    return Math.min(fromMs, present, ...known.map(({ knownMs }) => knownMs));
  }

  get #isFresh(): boolean {
    return this.#isConnected && this.#pending === 0 && this.#lostSinceMs === undefined;
  }

  get #floorMs(): number {
    return Math.min(this.#knownMs, this.#lostSinceMs ?? Infinity);
  }

  /** From here on it knows everything: the span of ignorance ends. */
  #freshen(): void {
    if (this.#isFresh) this.#remember();
  }

  #remember(): void {
    this.#episodes.push({ knownMs: this.#floorMs, untilMs: this.#nowMs() });
  }
}
