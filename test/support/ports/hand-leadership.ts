/** A leadership that the test controls. */
import type {
  Leadership,
  LeadershipListener,
} from '../../../src/controller/election/leadership.ts';

export class HandLeadership implements Leadership {
  #listener: LeadershipListener | undefined;
  #isLeading = false;
  released = false;

  isLeading(): boolean {
    return this.#isLeading;
  }

  isPaused(): boolean {
    return false;
  }

  start(listener: LeadershipListener): void {
    this.#listener = listener;
  }

  /** Whether a controller competes through it. */
  get isWanted(): boolean {
    return this.#listener !== undefined;
  }

  take(): void {
    this.#isLeading = true;
    this.#listener?.onStarted();
  }

  lose(): void {
    this.#isLeading = false;
    this.#listener?.onStopped();
  }

  release(): Promise<void> {
    this.released = true;
    return Promise.resolve();
  }

  findFault(): string | undefined {
    return undefined;
  }

  findRefusal(): string | undefined {
    return undefined;
  }
}
