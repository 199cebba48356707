import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findCanary } from '../support/cluster/canary-search.ts';
import { Rig } from '../support/cluster/rig.ts';
import {
  type FaultRecord,
  type FaultScenario,
  LOGGED,
  type Proportions,
  runFault,
} from './fault-run.ts';
import { isShort, printFigures, seconds } from './length.ts';

/**
 * A token is due at two fifths of its life or a little later (up to a tenth), and it must still be live when the fault
 * ends: so a fault takes three eighths of a life in the full run, and a third in the short run, where a hanging call (5
 * s) weighs more.
 */
const PROPORTIONS: Proportions = isShort
  ? { tokenLifeMs: 90_000, faultMs: 30_000, recoveryMs: 15_000 }
  : { tokenLifeMs: 480_000, faultMs: 180_000, recoveryMs: 90_000 };

const SCENARIOS: readonly FaultScenario[] = [
  { fault: 'server-error', reason: 'TokenRequestFailed', result: 'failed' },
  { fault: 'throttle', reason: 'TokenRequestThrottled', result: 'throttled' },
  { fault: 'hang', reason: 'TokenRequestFailed', result: 'timeout' },
  { fault: 'deny', reason: 'TokenRequestDenied', result: 'denied' },
  { fault: 'junk', reason: 'TokenRequestFailed', result: 'invalid' },
];

let rig: Rig;
const runs = new Map<string, Promise<FaultRecord>>();

beforeAll(async () => {
  rig = await Rig.open({ controlPlane: 'own' });
  // In parallel: each takes minutes of waiting.
  for (const scenario of SCENARIOS) {
    const run = runFault(rig, scenario, PROPORTIONS);
    run.catch(() => 'reported by the test that waits for it');
    runs.set(scenario.fault, run);
  }
});

afterAll(async () => {
  await Promise.allSettled(runs.values());
  await rig?.close();
});

describe.each(SCENARIOS)('the ECR fault "$fault"', ({ fault }) => {
  let record: FaultRecord;

  beforeAll(async () => {
    record = await recordOf(fault);
    printFigures(`fault ${fault}`, {
      lasted: seconds(PROPORTIONS.faultMs),
      'first asked at': `${(record.firstAskedAtPart * 100).toFixed(1)} % of the life`,
      calls: `${record.callsInFault} of at most ${mostCalls(record.lifeLeftAtStartMs)}`,
      'Secrets changed': record.changedInFault.length,
      'namespaces stalled': record.stalledInFault ?? 0,
      'all fresh after': seconds(record.recoveredAfterMs),
      'shortest remaining life': seconds(record.life.shortestLifeLeftMs),
      samples: record.life.samples,
    });
  });

  it('first affects the first Secret that is due, at two fifths of its token’s life', () => {
    // A life counts from the sending of the call; AWS issued the token that expires then up to a call's duration later.
    expect(record.firstAskedAtPart).toBeGreaterThan(0.39);
    expect(record.firstAskedAtPart).toBeLessThan(0.51);
  });

  it('changes no Secret', () => {
    expect(record.changedInFault).toEqual([]);
    expect(record.misshapen).toEqual([]);
  });

  it('lets no token expire, even afterwards', () => {
    expect(record.life.expired).toEqual([]);
  });

  it('does not cause more calls than the back-off allows', () => {
    expect(record.callsInFault).toBeGreaterThan(3);
    expect(record.callsInFault).toBeLessThanOrEqual(mostCalls(record.lifeLeftAtStartMs));
  });

  it('is reported in the metrics, in Events of every namespace, and in the log', () => {
    expect(record.stalledInFault).toBe(record.namespaces.length);
    expect(record.failuresInFault).toBeGreaterThan(0);
    expect(record.reportedInFault).toEqual(expect.arrayContaining([...record.namespaces]));
    expect(record.warningsInFault).toBeGreaterThan(0);
  });

  it('is followed by fresh Secrets soon after its end', () => {
    expect(record.recoveredAfterMs).toBeLessThanOrEqual(PROPORTIONS.recoveryMs);
  });

  it('is no longer reported after its end', () => {
    expect(record.stalledAfterwards ?? 0).toBe(0);
    // Of many namespaces with the same reason, only some are logged.
    expect(new Set(record.recoveredInLog).size).toBeGreaterThanOrEqual(LOGGED);
  });
});

describe('after all faults', () => {
  it('no token has been printed', async () => {
    await Promise.all(runs.values());

    expect(await findCanary({ admin: rig.admin, running: rig.runs, all: rig.runs })).toEqual([]);
  });

  it('the API server has never refused a request', async () => {
    const refused = (await rig.controlPlane.auditLog()).filter(
      ({ user, code }) => user.startsWith('system:serviceaccount:') && [401, 403].includes(code),
    );

    expect(refused).toEqual([]);
  });
});

async function recordOf(fault: string): Promise<FaultRecord> {
  const run = runs.get(fault);
  if (run === undefined) throw new Error(`there is no run of ${fault}`);
  return run;
}

/**
 * The pauses double from 1 s, up to a minute and up to a third of the tokens' remaining life; jitter shortens a pause
 * to half of that at most.
 */
function mostCalls(lifeLeftMs: number): number {
  let calls = 0;
  for (let passedMs = 0; passedMs < PROPORTIONS.faultMs; calls += 1) {
    const thirdMs = Math.max(1_000, (lifeLeftMs - passedMs) / 3);
    passedMs += Math.min(1_000 * 2 ** calls, 60_000, thirdMs) / 2;
  }
  return calls;
}
