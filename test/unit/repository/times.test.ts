/** Times and limits that depend on each other: each is right only together with the others, in code or chart. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseDurationMs } from '../../../src/config/duration.ts';
import { CHART, readChartYaml } from '../../support/chart/chart.ts';
import { parseOk } from '../../support/values/config-text.ts';
import { constantsIn } from '../../support/values/constants.ts';

const replica = constantsIn('src/app/replica.ts');
const credentials = constantsIn('src/aws/credentials/cache-credentials.ts');
const assumeRole = constantsIn('src/aws/credentials/assume-role.ts');
const verifyToken = constantsIn('src/aws/ecr/verify-token.ts');
const minter = constantsIn('src/aws/ecr-token-minter.ts');
const ticks = constantsIn('src/base/ticks.ts');
const limits = constantsIn('src/cleanup/limits.ts');
const pauseLeader = constantsIn('src/cleanup/pause-leader.ts');
const controller = constantsIn('src/controller/controller.ts');
const election = constantsIn('src/controller/election/leader-election.ts');
const lease = constantsIn('src/controller/election/lease-times.ts');
const brakeMemory = constantsIn('src/controller/memory/removal-brake.ts');
const damper = constantsIn('src/controller/memory/repair-damper.ts');
const queue = constantsIn('src/controller/queue/work-queue.ts');
const pacing = constantsIn('src/controller/tokens/mint-pacing.ts');
const tokenStore = constantsIn('src/controller/tokens/token-store.ts');
const workerPool = constantsIn('src/controller/worker-pool.ts');
const clockSkew = constantsIn('src/doctor/clock-skew.ts');
const fate = constantsIn('src/domain/plan/fate.ts');
const removalBrake = constantsIn('src/domain/plan/removal-brake.ts');
const refresh = constantsIn('src/domain/token/refresh-policy.ts');
const tokenNeed = constantsIn('src/domain/token/token-need.ts');
const leaseWire = constantsIn('src/kubernetes/connect-lease.ts');
const events = constantsIn('src/kubernetes/events/reported-events.ts');
const leaseStore = constantsIn('src/kubernetes/lease/lease-store.ts');
const transport = constantsIn('src/kubernetes/transport/api-transport.ts');
const watchFault = constantsIn('src/kubernetes/view/watch-fault.ts');
const reflector = constantsIn('src/kubernetes/watch/reflector.ts');
const backoff = constantsIn('src/kubernetes/watch/watch-backoff.ts');
const watch = constantsIn('src/kubernetes/watch/watch-session.ts');
const pools = constantsIn('src/kubernetes/wire/connection-pools.ts');
const clockOffsets = constantsIn('src/telemetry/clock-offsets.ts');
const http = constantsIn('src/telemetry/http/http-server.ts');
const connections = constantsIn('src/telemetry/http/open-connections.ts');

/** Health and metrics must be correct again within this time. */
const TRUTH_MS = 120_000;
/** Helm’s default wait for a hook. */
const HELM_WAITS_MS = 300_000;

interface Probe {
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
}

const [values] = readChartYaml('values.yaml') as readonly {
  readonly terminationGracePeriodSeconds: number;
  readonly livenessProbe: Probe & { readonly failureThreshold: number };
  readonly readinessProbe: Probe;
  readonly cleanup: { readonly timeout: string };
}[];
if (values === undefined) throw new Error('the chart has no values');
const { livenessProbe, readinessProbe } = values;
const GRACE_MS = values.terminationGracePeriodSeconds * 1_000;
const KILLED_AFTER_MS = livenessProbe.failureThreshold * livenessProbe.periodSeconds * 1_000;
const CLEANUP_MS = parseDurationMs(values.cleanup.timeout) ?? NaN;
const { settings, process } = parseOk('');
const alerts = readFileSync(join(CHART, 'files/alerts.yaml'), 'utf8');

/** The time of the first alert of this name; NaN if there is none. */
function forMs(alert: string): number {
  const duration = new RegExp(`alert: ${alert}\\n[^]*?\\n  for: (\\S+)\\n`).exec(alerts)?.[1];
  return parseDurationMs(duration ?? '') ?? NaN;
}

/** The silence after which the alert on watches begins to count. */
const alertedSilenceMs =
  Number(/watch_last_event_timestamp_seconds[^>]*>\}\n\s*\) > (\d+)/.exec(alerts)?.[1]) * 1_000;

describe('the times of the lease', () => {
  it('end a leader, and its requests on the network, before another can begin', () => {
    expect(lease('LEASE_MS') - lease('RENEW_DEADLINE_MS')).toBeGreaterThanOrEqual(
      leaseStore('CALL_LIMIT_MS'),
    );
  });

  it('leave time for a second renewal if the first one hangs', () => {
    expect(lease('RENEW_DEADLINE_MS')).toBeGreaterThanOrEqual(2 * leaseStore('CALL_LIMIT_MS'));
    expect(lease('RENEW_DEADLINE_MS')).toBeGreaterThan(
      leaseStore('CALL_LIMIT_MS') + lease('RETRY_MS'),
    );
  });

  it('let no Retry-After of the server keep a leader from a last renewal', () => {
    expect(leaseWire('PAUSE_AT_MOST_MS')).toBeLessThan(lease('RENEW_DEADLINE_MS'));
  });

  it('fit the budget of the lease, for three requests per attempt and for all of them at once', () => {
    const shortestTurnS = (lease('RETRY_MS') * lease('LEAST_RETRY_SHARE')) / 1_000;
    expect(leaseWire('BUDGET.qps')).toBeGreaterThanOrEqual(3 / shortestTurnS);
    expect(leaseWire('BUDGET.burst')).toBeGreaterThanOrEqual(3);
  });

  it('let a stopping leader drain and release before its lease could expire', () => {
    expect(controller('DRAIN_MS') + lease('RELEASE_LIMIT_MS')).toBeLessThan(
      lease('LEASE_MS') - lease('RENEW_DEADLINE_MS'),
    );
  });

  it('treat a loop as dead only after what a slow server can cost, and within two minutes', () => {
    expect(election('DEAD_AFTER_MS')).toBeGreaterThan(
      lease('LEASE_MS') + lease('RENEW_DEADLINE_MS'),
    );
    expect(election('DEAD_AFTER_MS')).toBeLessThan(TRUTH_MS);
  });

  it('remember a pause for longer than the Pods that an uninstall ends may run', () => {
    expect(lease('PAUSED_AFTER_VANISHING_MS')).toBeGreaterThan(GRACE_MS);
  });
});

describe('a stop', () => {
  it('ends within half of the Pod’s grace period, with all its limits used up: the other half is for a slow node', () => {
    const longestMs =
      controller('DRAIN_MS') +
      lease('RELEASE_LIMIT_MS') +
      replica('EVENT_DRAIN_MS') +
      http('STOP_GRACE_MS');
    expect(longestMs).toBeLessThan(GRACE_MS / 2);
  });

  it('waits no longer for Events than a stopped leader keeps the lease from others', () => {
    expect(replica('EVENT_DRAIN_MS')).toBeLessThan(lease('LEASE_MS'));
  });
});

describe('a cleanup', () => {
  it('waits for a leader longer than a dead one can hold the lease', () => {
    expect(pauseLeader('PATIENCE_MS')).toBeGreaterThan(
      lease('LEASE_MS') + lease('RENEW_DEADLINE_MS'),
    );
  });

  it('has time in the hook in addition to the wait for a leader, and ends before Helm gives up', () => {
    expect(CLEANUP_MS).toBeGreaterThan(2 * pauseLeader('PATIENCE_MS'));
    expect(CLEANUP_MS + limits('FINISH_MS')).toBeLessThan(HELM_WAITS_MS);
  });
});

describe('health', () => {
  it('misses several ticks before it calls the process dead, and does so within two minutes', () => {
    expect(ticks('DEAD_AFTER_MS')).toBeGreaterThanOrEqual(4 * ticks('TICK_MS'));
    expect(ticks('DEAD_AFTER_MS')).toBeLessThanOrEqual(TRUTH_MS);
  });

  it('uses one tick everywhere: due work is checked as often as the configuration', () => {
    expect(queue('TICK_MS')).toBe(ticks('TICK_MS'));
  });

  it('is asked by one probe at a time, which waits no longer than a connection may live', () => {
    for (const { periodSeconds, timeoutSeconds } of [livenessProbe, readinessProbe]) {
      expect(timeoutSeconds).toBeLessThanOrEqual(periodSeconds);
      expect(timeoutSeconds * 1_000).toBeLessThanOrEqual(connections('MAX_LIFE_MS'));
    }
  });

  it('lets a process that hangs lose the lease before it is killed: by then another one is at work', () => {
    expect(KILLED_AFTER_MS).toBeGreaterThan(lease('LEASE_MS') + lease('RETRY_MS'));
  });

  it('reports no missing leader while a Pod ends and another takes the lease', () => {
    expect(forMs('EcrPullSecretsControllerAbsent')).toBeGreaterThan(GRACE_MS + lease('LEASE_MS'));
  });
});

describe('the times of a watch', () => {
  it('renew a silent one before it counts as a fault, with time to connect', () => {
    expect(watchFault('SILENT_AFTER_MS')).toBeGreaterThan(
      watch('SILENCE_MS') + pools('CONNECT_TIMEOUT_MS'),
    );
  });

  it('turn readiness red before the alert counts, and both within two minutes', () => {
    expect(watchFault('SILENT_AFTER_MS')).toBeLessThan(alertedSilenceMs);
    expect(alertedSilenceMs).toBeLessThanOrEqual(TRUTH_MS);
  });

  it('notice silence long before the server ends the watch, at 300 to 600 s', () => {
    expect(watch('SILENCE_MS')).toBeLessThan(watch('SERVER_ENDS_AFTER_AT_LEAST_S') * 1_000);
    expect(watch('SERVER_ENDS_AFTER_AT_LEAST_S') + watch('SERVER_ENDS_WITHIN_S') - 1).toBe(600);
  });

  it('forget failures only after the longest pause between two of them', () => {
    expect(backoff('RESET_AFTER_MS')).toBeGreaterThan(2 * backoff('LIMITS.longestMs'));
  });

  it('delay a storm of relists by less than the time to the regular relist', () => {
    expect(reflector('STORM_DELAY_MS')).toBeLessThan(reflector('RELIST_MS'));
  });

  it('report a denial before the controller continues without the resource', () => {
    expect(reflector('LOG_AT_DENIAL')).toBeLessThan(reflector('GIVE_UP_AT_DENIAL'));
  });
});

describe('a request to the API server', () => {
  it('has time left after connecting, and after the wait that a Retry-After asks for', () => {
    expect(pools('CONNECT_TIMEOUT_MS')).toBeLessThan(transport('REQUEST_TIMEOUT_MS'));
    expect(transport('WAIT_AT_MOST_MS')).toBeLessThan(transport('REQUEST_TIMEOUT_MS'));
  });

  it('never reuses a connection that a load balancer has dropped after a minute', () => {
    expect(pools('KEEP_ALIVE_MS')).toBeLessThan(60_000);
  });

  it('waits for no budget while each worker sends its first one at once', () => {
    expect(process.kubernetes.burst).toBeGreaterThanOrEqual(
      workerPool('URGENT_WORKERS') + workerPool('QUICK_WORKERS'),
    );
    expect(process.kubernetes.burst).toBeGreaterThanOrEqual(process.kubernetes.qps);
  });
});

describe('a mint', () => {
  it('has time for a call to STS and one to ECR, each taking as long as it may', () => {
    expect(2 * minter('TIMEOUTS.requestMs')).toBeLessThanOrEqual(tokenStore('MINT_DEADLINE_MS'));
    expect(minter('TIMEOUTS.credentialsMs') + minter('TIMEOUTS.requestMs')).toBeLessThan(
      tokenStore('MINT_DEADLINE_MS'),
    );
    expect(minter('TIMEOUTS.connectionMs')).toBeLessThan(minter('TIMEOUTS.requestMs'));
  });

  it('returns its token before the store gives up on it, even if registries verify it', () => {
    expect(minter('VERIFIED_MINT_MS')).toBeLessThan(tokenStore('MINT_DEADLINE_MS'));
    expect(minter('TIMEOUTS.requestMs') + verifyToken('LONGEST_PROBE_MS')).toBeLessThan(
      minter('VERIFIED_MINT_MS'),
    );
  });

  it('comes at least 10 s after the last one, and at most a minute after a failure', () => {
    expect(pacing('MINT_SPACING_MS')).toBeGreaterThanOrEqual(10_000);
    expect(pacing('FIRST_BACK_OFF_MS')).toBeLessThan(pacing('LONGEST_BACK_OFF_MS'));
    expect(pacing('LONGEST_BACK_OFF_MS')).toBeLessThanOrEqual(60_000);
  });

  it('counts as failing through the longest pause and the attempt after it', () => {
    expect(pacing('STILL_NEEDED_MS')).toBeGreaterThan(
      pacing('LONGEST_BACK_OFF_MS') + tokenStore('MINT_DEADLINE_MS'),
    );
  });

  it('fails for several pauses before the alert fires', () => {
    expect(forMs('EcrPullSecretsTokenMintFailing')).toBeGreaterThan(
      2 * pacing('LONGEST_BACK_OFF_MS'),
    );
  });

  it('serves a request on every namespace at once: the requested age allows for a spacing and a mint', () => {
    expect(fate('REQUEST_TOLERANCE_MS')).toBeGreaterThan(
      pacing('MINT_SPACING_MS') + tokenStore('MINT_DEADLINE_MS'),
    );
  });

  it('uses no credentials that could expire while it lasts, and does not assume a role only for its margin', () => {
    expect(credentials('MARGIN_MS')).toBeGreaterThan(tokenStore('MINT_DEADLINE_MS'));
    expect(credentials('MARGIN_MS') + credentials('LEAST_MS')).toBeLessThan(
      assumeRole('SESSION_SECONDS') * 1_000,
    );
  });
});

describe('clocks that differ', () => {
  it('are reported before AWS refuses signatures', () => {
    expect(clockOffsets('WARN_ABOVE_MS')).toBeLessThan(clockSkew('REFUSED_MS'));
  });

  it('date no token in the future without a warning', () => {
    expect(refresh('CLOCK_TOLERANCE_MS')).toBeGreaterThanOrEqual(clockOffsets('WARN_ABOVE_MS'));
  });

  it('make no namespace wait for a second mint if a recent one will do', () => {
    expect(tokenNeed('FUTURE_TOLERANCE_MS')).toBeGreaterThanOrEqual(pacing('MINT_SPACING_MS'));
  });

  it('keep the lifetime assumed for a doubtful expiry within what is believed', () => {
    expect(refresh('ASSUMED_LIFETIME_MS')).toBeLessThan(refresh('LONGEST_BELIEVED_LIFETIME_MS'));
  });
});

describe('removals and repairs', () => {
  it('are pending for the brake from the start of the default grace period', () => {
    expect(removalBrake('HORIZON_MS')).toBeGreaterThanOrEqual(settings.removal.gracePeriodMs);
  });

  it('continue within the grace period when the brake, checked in every pass, is released', () => {
    expect(fate('REQUEUE_WHILE_HELD_BACK_MS')).toBeLessThan(settings.removal.gracePeriodMs);
    expect(brakeMemory('REUSE_MS')).toBeLessThan(fate('REQUEUE_WHILE_HELD_BACK_MS'));
  });

  it('stay damped while somebody undoes them: the window holds as many as are free', () => {
    expect(damper('FREE_REPAIRS') * damper('DAMPED_INTERVAL_MS')).toBeLessThan(damper('WINDOW_MS'));
  });

  it('are reported again before the last report is forgotten', () => {
    expect(events('REPEAT_AFTER_MS')).toBeLessThan(events('FORGET_AFTER_MS'));
  });
});
