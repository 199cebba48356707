/** Judges how far a server's clock is from ours, by what breaks. */
import type { Check } from './check.ts';

/** A `Date` header has whole seconds, and an answer takes some time. */
const UNNOTICED_MS = 5_000;
/** Beyond this, AWS rejects signatures, and STS rejects the tokens of such an API server. */
const REFUSED_MS = 300_000;

const FIX = 'correct the clocks, with NTP on the nodes and on this machine';

/** `aheadMs`: how far the server's clock is ahead of ours; `undefined` if no answer had a date. */
export function checkClock(subject: 'API server' | 'AWS', aheadMs: number | undefined): Check {
  const check = { name: 'clock', subject } as const;
  if (aheadMs === undefined) {
    return { ...check, status: 'skipped', message: 'no response had a date' };
  }
  const message = describeSkew(aheadMs);
  if (Math.abs(aheadMs) <= UNNOTICED_MS) return { ...check, status: 'ok', message };
  if (Math.abs(aheadMs) <= REFUSED_MS) {
    const harmless = `${message}; harmless so far: leader election is unaffected, but AWS rejects requests once the skew exceeds 5 minutes`;
    return { ...check, status: 'warning', message: harmless, fix: FIX };
  }
  return { ...check, status: 'failed', message: `${message}; ${BREAKS[subject]}`, fix: FIX };
}

const BREAKS = {
  'API server':
    "leader election is unaffected, but one of the two clocks is wrong: if it is this machine's, AWS rejects our signatures; if it is the API server's, STS rejects the ServiceAccount tokens that it issues",
  AWS: 'AWS rejects signatures that are more than 5 minutes off, and every expiry is misjudged by as much',
} as const;

function describeSkew(aheadMs: number): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  if (seconds === 0) return "its clock agrees with this machine's clock, to the second";
  return `its clock is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's clock`;
}
