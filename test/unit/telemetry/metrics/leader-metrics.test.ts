import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { LeaderMetrics } from '../../../../src/telemetry/metrics/leader-metrics.ts';

async function samplesOf(registry: Registry): Promise<readonly string[]> {
  const text = await registry.metrics();
  return text.split('\n').filter((line) => /^(?:leader_election|ecr_pull_secret)/.test(line));
}

describe('the metrics of leader election', () => {
  it('show at each scrape whether this replica leads', async () => {
    const registry = new Registry();
    const metrics = new LeaderMetrics(registry);
    let isLeading = false;
    let isPaused = false;
    metrics.collectFrom('ecr-pull-secrets', {
      isLeading: () => isLeading,
      isPaused: () => isPaused,
    });
    metrics.refresh();
    expect(await samplesOf(registry)).toEqual([
      'leader_election_master_status{name="ecr-pull-secrets"} 0',
      'leader_election_slowpath_total{name="ecr-pull-secrets"} 0',
      'ecr_pull_secrets_paused 0',
    ]);

    isLeading = true;
    isPaused = true;
    metrics.slowPathTaken();
    metrics.refresh();
    expect(await samplesOf(registry)).toEqual([
      'leader_election_master_status{name="ecr-pull-secrets"} 1',
      'leader_election_slowpath_total{name="ecr-pull-secrets"} 1',
      'ecr_pull_secrets_paused 1',
    ]);
  });

  it('are missing without leader election', async () => {
    const registry = new Registry();
    const metrics = new LeaderMetrics(registry);
    metrics.refresh();

    expect(await samplesOf(registry)).toEqual(['ecr_pull_secrets_paused 0']);
  });
});
