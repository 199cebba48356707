import { describe, expect, it } from '@jest/globals';
import type { ClusterState } from '../../../../src/domain/state/cluster-state.ts';
import { SecretTally } from '../../../../src/domain/state/secret-tally.ts';
import { Metrics } from '../../../../src/telemetry/metrics/metrics.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';

const START = new Date('2026-01-01T00:00:00Z');
const START_S = START.getTime() / 1000;

function open() {
  const clock = new VirtualClock({ start: START });
  const metrics = new Metrics(clock);
  metrics.describeProcess('1.2.3', () => 7);
  /** Our series and their values, by name with labels. */
  const scrape = async (): Promise<ReadonlyMap<string, number>> => {
    const { body } = await metrics.render();
    const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      samples.map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at).replace('ecr_pull_secrets_', ''), Number(line.slice(at + 1))];
      }),
    );
  };
  return { clock, metrics, scrape };
}

function stateOf(parts: Partial<ClusterState>): ClusterState {
  return {
    managedNamespaces: 0,
    secrets: new SecretTally(START),
    failingByProfile: new Map(),
    stalledNamespaces: new Map(),
    namespaceTroubles: { shown: [], omitted: 0 },
    removalsPending: 0,
    isRemovalBrakeEngaged: false,
    ...parts,
  };
}

function tallyOf(...secrets: readonly Parameters<SecretTally['add']>[]): SecretTally {
  const tally = new SecretTally(START);
  for (const secret of secrets) tally.add(...secret);
  return tally;
}

describe('Metrics', () => {
  it('shows the version, in addition to the standard series of the process', async () => {
    const { metrics, scrape } = open();

    const series = await scrape();

    expect(series.get('log_lines_lost_total')).toBe(7);
    expect(series.get(`build_info{version="1.2.3",node_version="${process.version}"}`)).toBe(1);
    expect(series.has('process_cpu_seconds_total')).toBe(true);
    expect(series.has('nodejs_heap_size_used_bytes')).toBe(true);
    expect([...series.keys()].filter((name) => /event_?loop/.test(name))).toEqual([
      'event_loop_longest_delay_seconds',
    ]);
    expect((await metrics.render()).contentType).toContain('text/plain');
  });

  it('starts its counters at zero', async () => {
    const { metrics, scrape } = open();
    metrics.controller.expectProfiles(['default']);

    const series = await scrape();

    expect(series.get('token_requests_total{profile="default",result="denied"}')).toBe(0);
    expect(series.get('writes_total{kind="secret",verb="create",result="failure"}')).toBe(0);
    expect(series.get('writes_total{kind="service_account",verb="attach",result="success"}')).toBe(
      0,
    );
    expect(series.get('conflicts_total{kind="secret"}')).toBe(0);
    expect(series.get('reconcile_total{result="success"}')).toBe(0);
    expect(series.get('informer_synced{resource="secrets"}')).toBe(0);
    expect(series.get('workqueue_adds_total{name="namespaces"}')).toBe(0);
    expect(series.get('config_valid')).toBe(0);
  });

  it('shows whether the guard is in effect only while that is known', async () => {
    const { metrics, scrape } = open();
    const shown: unknown[] = [(await scrape()).has('guard_in_effect')];
    for (const known of [true, false, undefined]) {
      metrics.guard.collectFrom(() => known);
      shown.push((await scrape()).get('guard_in_effect'));
    }

    expect(shown).toEqual([false, 1, 0, undefined]);
  });

  it('counts what the controller does', async () => {
    const { metrics, scrape } = open();
    metrics.controller.tokenRequested('default', 'denied', 100);
    metrics.controller.tokenRequested('default', 'success', 400);
    metrics.controller.written('Secret', 'create', 'success');
    metrics.controller.written('ServiceAccount', 'attach', 'failure');
    metrics.controller.conflicted('ServiceAccount');
    metrics.controller.ownershipRefused('SECRET_IMMUTABLE');
    metrics.controller.reconciled('error', 20);
    metrics.controller.namespaceReady(30);

    const series = await scrape();

    expect(series.get('token_requests_total{profile="default",result="denied"}')).toBe(1);
    expect(series.get('token_requests_total{profile="default",result="success"}')).toBe(1);
    expect(series.get('token_request_duration_seconds_sum')).toBe(0.5);
    expect(series.get('last_success_timestamp_seconds{profile="default"}')).toBe(START_S);
    expect(series.get('writes_total{kind="secret",verb="create",result="success"}')).toBe(1);
    expect(series.get('writes_total{kind="service_account",verb="attach",result="failure"}')).toBe(
      1,
    );
    expect(series.get('conflicts_total{kind="service_account"}')).toBe(1);
    expect(series.get('ownership_refused_total{reason="SECRET_IMMUTABLE"}')).toBe(1);
    expect(series.get('reconcile_total{result="error"}')).toBe(1);
    expect(series.get('namespace_ready_duration_seconds_bucket{le="0.05"}')).toBe(1);
  });

  it('shows no state before the caches are complete: a zero would be wrong', async () => {
    const { metrics, scrape } = open();
    metrics.state.collectFrom(() => Promise.resolve(undefined));

    const names = [...(await scrape()).keys()];

    expect(
      names.filter((name) =>
        /^(managed|secret_entries|removal|namespaces_st|namespace_tr)/.test(name),
      ),
    ).toEqual([]);
  });

  it('shows the current state at each scrape', async () => {
    const { metrics, scrape } = open();
    const hour = new Date(START.getTime() + 3_600_000);
    const past = new Date(START.getTime() - 1000);
    let state = stateOf({
      managedNamespaces: 3,
      secrets: tallyOf(
        ['fresh', [{ profile: 'a', state: 'fresh', expiresAt: hour }]],
        ['fresh', [{ profile: 'b', state: 'fresh', expiresAt: hour }]],
        ['expired', [{ profile: 'a', state: 'expired', expiresAt: past }]],
      ),
      failingByProfile: new Map([
        ['a', false],
        ['b', true],
      ]),
      stalledNamespaces: new Map([['InvalidAnnotation', 2]]),
      namespaceTroubles: {
        shown: [{ namespace: 'team', reason: 'InvalidAnnotation' }],
        omitted: 1,
      },
      removalsPending: 7,
      isRemovalBrakeEngaged: true,
    });
    metrics.state.collectFrom(() => Promise.resolve(state));
    metrics.state.collectTokensFrom(() => [{ profile: 'a', expiresAt: hour }]);

    const before = await scrape();
    state = stateOf({ secrets: tallyOf(['due', []]) });
    const after = await scrape();

    expect(before.get('managed_namespaces')).toBe(3);
    expect(before.get('managed_secrets{state="fresh"}')).toBe(2);
    expect(before.get('managed_secrets{state="stale"}')).toBe(0);
    expect(before.get('secret_entries{profile="a",state="expired"}')).toBe(1);
    expect(before.get('secret_entries{profile="b",state="expired"}')).toBe(0);
    expect(before.get('earliest_expiry_timestamp_seconds{profile="a"}')).toBe(START_S - 1);
    expect(before.get('secret_entries_expiring{le="0"}')).toBe(1);
    expect(before.get('secret_entries_expiring{le="+Inf"}')).toBe(3);
    expect(before.get('token_expiry_timestamp_seconds{profile="a"}')).toBe(START_S + 3600);
    expect(before.get('namespaces_stalled{reason="InvalidAnnotation"}')).toBe(2);
    expect(before.get('namespace_trouble{namespace="team",reason="InvalidAnnotation"}')).toBe(1);
    expect(before.get('namespace_troubles_omitted')).toBe(1);
    expect(before.get('token_failing{profile="a"}')).toBe(0);
    expect(before.get('token_failing{profile="b"}')).toBe(1);
    expect(before.get('removals_pending')).toBe(7);
    expect(before.get('removal_brake_engaged')).toBe(1);
    expect(after.get('managed_secrets{state="fresh"}')).toBe(0);
    expect(after.get('managed_secrets{state="due"}')).toBe(1);
    expect(after.has('secret_entries{profile="a",state="expired"}')).toBe(false);
    expect(after.has('namespaces_stalled{reason="InvalidAnnotation"}')).toBe(false);
    expect([...after.keys()].filter((name) => name.startsWith('namespace_trouble{'))).toEqual([]);
    expect(after.get('namespace_troubles_omitted')).toBe(0);
    expect(after.has('token_failing{profile="b"}')).toBe(false);
    expect(after.get('removal_brake_engaged')).toBe(0);
    expect(after.get('secret_entries_expiring{le="+Inf"}')).toBe(0);
  });

  it('follows the queue', async () => {
    const { clock, metrics, scrape } = open();
    metrics.queue.added('a');
    metrics.queue.added('a');
    metrics.queue.added('b');
    await clock.advance(1000);
    metrics.queue.taken('a');
    metrics.queue.retried();
    clock.jump(-3_600_000);
    await clock.advance(2000);

    const during = await scrape();
    metrics.queue.done('a');
    const after = await scrape();

    expect(during.get('workqueue_depth{name="namespaces"}')).toBe(1);
    expect(during.get('workqueue_adds_total{name="namespaces"}')).toBe(2);
    expect(during.get('workqueue_retries_total{name="namespaces"}')).toBe(1);
    expect(during.get('workqueue_queue_duration_seconds_sum{name="namespaces"}')).toBe(1);
    expect(during.get('workqueue_unfinished_work_seconds{name="namespaces"}')).toBe(2);
    expect(during.get('workqueue_longest_running_processor_seconds{name="namespaces"}')).toBe(2);
    expect(after.get('workqueue_work_duration_seconds_sum{name="namespaces"}')).toBe(2);
    expect(after.get('workqueue_unfinished_work_seconds{name="namespaces"}')).toBe(0);
  });

  it('counts requests, watches and clocks', async () => {
    const { metrics, scrape } = open();
    const call = { method: 'GET', resource: 'secrets', durationMs: 100 };
    metrics.requests.requested({ ...call, watch: false, status: 200 });
    metrics.requests.requested({ ...call, watch: true, status: 'error' });
    metrics.requests.clockSeen('aws', -1500);
    metrics.watches.restarted('secrets', 'gone');
    metrics.watches.collectFrom(() => [
      { resource: 'secrets', synced: true, lastEventAt: START, tooLarge: 2 },
      { resource: 'namespaces', synced: false, lastEventAt: undefined, tooLarge: 0 },
    ]);

    const series = await scrape();

    expect(
      series.get('rest_client_requests_total{code="200",method="GET",resource="secrets"}'),
    ).toBe(1);
    expect(
      series.get('rest_client_requests_total{code="<error>",method="GET",resource="secrets"}'),
    ).toBe(1);
    expect(series.get('rest_client_request_duration_seconds_count{verb="GET"}')).toBe(1);
    expect(series.get('clock_offset_seconds{source="aws"}')).toBe(-1.5);
    expect(series.get('watch_last_event_timestamp_seconds{resource="secrets"}')).toBe(START_S);
    expect(series.get('watch_restarts_total{resource="secrets",cause="gone"}')).toBe(1);
    expect(series.get('informer_synced{resource="secrets"}')).toBe(1);
    expect(series.get('objects_too_large{resource="secrets"}')).toBe(2);
  });

  it('shows the true state of the configuration', async () => {
    const { metrics, scrape } = open();
    metrics.config.collectFrom(() => ({ valid: true, restartRequired: true }));

    const series = await scrape();

    expect(series.get('config_valid')).toBe(1);
    expect(series.get('config_restart_required')).toBe(1);
  });
});
