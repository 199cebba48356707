/**
 * If somebody keeps undoing our repairs, we don't answer in a loop: after three lost repairs in five minutes a process
 * writes to that object once a minute (DESIGN.md 5). Only writes whose answer it received count: a process can't count
 * what it can't know.
 */
import type { Change } from '../history.ts';
import { type HopRequest, requestKeyOf } from '../network/hop-request.ts';
import { oursIn, readSecret } from '../model/secret-facts.ts';
import type { Report } from '../violation.ts';

const WINDOW_MS = 5 * 60_000;
/** The first write need not have been a repair. */
const FREE_WRITES = 4;
/** Minus the milliseconds by which clock readings may be off. */
const PAUSE_MS = 60_000 - 5;

export class DampingCheck {
  readonly #nowMs: () => number;
  readonly #report: Report;
  /** By request: what it has written to, while its process does not know of it yet. */
  readonly #served = new Map<string, string>();
  /** By process and object: when it made the writes that it knows of. */
  readonly #writes = new Map<string, number[]>();

  constructor(nowMs: () => number, report: Report) {
    this.#nowMs = nowMs;
    this.#report = report;
  }

  /** `uid`: of the namespace. Returns how many such writes there were recently. */
  changed(change: Change, hop: HopRequest, uid: string): number {
    const object = repairedBy(change, hop);
    if (object === undefined) return 0;
    const key = `${hop.process} ${uid} ${object}`;
    const nowMs = this.#nowMs();
    const recent = (this.#writes.get(key) ?? []).filter((atMs) => atMs > nowMs - WINDOW_MS);
    this.#served.set(requestKeyOf(hop), key);
    const sinceMs = nowMs - (recent.at(-1) ?? -Infinity);
    if (recent.length >= FREE_WRITES && sinceMs < PAUSE_MS) {
      const what = `${hop.process} wrote ${object} of ${change.key} ${recent.length + 1} times in five minutes, the last ${Math.round(sinceMs / 1000)} s ago`;
      this.#report({ invariant: 'contract', check: 'damping', what });
    }
    return recent.length;
  }

  /** The process has received the whole answer. */
  answered(hop: HopRequest): void {
    const key = this.#served.get(requestKeyOf(hop));
    if (key === undefined) return;
    this.#served.delete(requestKeyOf(hop));
    const recent = (this.#writes.get(key) ?? []).filter((ms) => ms > this.#nowMs() - WINDOW_MS);
    this.#writes.set(key, [...recent, this.#nowMs()]);
  }
}

/** The part of the object that was repaired; `undefined`: the write was no repair. */
function repairedBy(
  { resource, previous, object }: Change,
  { method, query }: HopRequest,
): string | undefined {
  if (resource === 'serviceaccounts' && previous !== undefined) {
    return oursIn(object) === oursIn(previous) ? undefined : `the entry ${object.metadata.uid}`;
  }
  if (resource !== 'secrets' || method === 'DELETE') return undefined;
  if (!query.includes('force=')) return 'the bookkeeping';
  const isWhole = previous !== undefined && readSecret(previous, new Map()).isIntact;
  return isWhole ? undefined : 'the content';
}
