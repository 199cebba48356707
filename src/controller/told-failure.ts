/** What the log knows of a failure that goes on: with a back-off of a second or a minute it would fill with the same. */
import type { ControllerError } from '../domain/errors.ts';

const REPEAT_AFTER_MS = 5 * 60_000;

export class ToldFailure {
  #told: { readonly code: string; readonly at: Date } | undefined;

  /** Whether it is to be told now: another one than the last, or one that has not been told for five minutes. */
  isNews({ code }: ControllerError, now: Date): boolean {
    const told = this.#told;
    const ageMs = now.getTime() - (told?.at.getTime() ?? 0);
    // A time from the future is of a clock that was set back since: it silences nobody.
    if (told?.code === code && ageMs >= 0 && ageMs < REPEAT_AFTER_MS) return false;
    this.#told = { code, at: now };
    return true;
  }

  /** It is over: the next one is news, whatever it is. */
  forget(): void {
    this.#told = undefined;
  }
}
