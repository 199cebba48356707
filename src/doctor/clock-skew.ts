/** How far a server's clock may be from ours, by what breaks. */
import type { Check } from './check.ts';

/** A `Date` header has whole seconds, and an answer takes its time. */
const UNNOTICED_MS = 5_000;
/** AWS refuses signatures that are further off, and STS the tokens of such an API server. */
const REFUSED_MS = 300_000;

const FIX = 'set the clocks right, by NTP on the nodes and on this machine';

/** `aheadMs`: of the server before us; `undefined`: no answer told. */
export function checkClock(subject: 'API server' | 'AWS', aheadMs: number | undefined): Check {
  const check = { name: 'clock', subject } as const;
  if (aheadMs === undefined) {
    return { ...check, status: 'skipped', message: 'no answer with a date has come' };
  }
  const message = describeSkew(aheadMs);
  if (Math.abs(aheadMs) <= UNNOTICED_MS) return { ...check, status: 'ok', message };
  if (Math.abs(aheadMs) <= REFUSED_MS) {
    const harmless = `${message}; nothing breaks yet, the Lease does not care, from 5 min on AWS refuses`;
    return { ...check, status: 'warning', message: harmless, fix: FIX };
  }
  return { ...check, status: 'failed', message: `${message}; ${BREAKS[subject]}`, fix: FIX };
}

const BREAKS = {
  'API server':
    'the Lease does not care, but one of the two clocks is wrong: ours, and AWS refuses our signatures, or its, and STS refuses the ServiceAccount tokens that it gives',
  AWS: 'AWS refuses signatures that are more than 5 min off, and every expiry is misjudged by as much',
} as const;

function describeSkew(aheadMs: number): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  if (seconds === 0) return 'its clock is as ours, to the second';
  return `its clock is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} ours`;
}
