/** Reads a file that somebody may be writing: a part of a good configuration may be a good one that allows more. */
import type { Clock } from '../base/clock.ts';
import { pause } from '../base/pause.ts';

const APART_MS = 100;
const MOST_READS = 50;
const never = new AbortController().signal;

/**
 * What two reads in a row agree on, 100 ms apart: the text, or the rejection. Rejects if no two have agreed within five
 * seconds.
 */
export async function readSettled(read: () => Promise<string>, clock: Clock): Promise<string> {
  let before: Outcome | undefined;
  for (let reads = 0; reads < MOST_READS; reads += 1) {
    const outcome = await attempt(read);
    if (before !== undefined && outcome.mark === before.mark) return outcome.value();
    before = outcome;
    await pause(clock, APART_MS, never);
  }
  throw new Error('it changes all the time');
}

interface Outcome {
  /** Equal for equal outcomes. */
  readonly mark: string;
  readonly value: () => string;
}

async function attempt(read: () => Promise<string>): Promise<Outcome> {
  try {
    const text = await read();
    return { mark: `text ${text}`, value: () => text };
  } catch (error) {
    const value = (): never => {
      throw error;
    };
    return { mark: `error ${String(error)}`, value };
  }
}
