/** What a replica keeps in memory of objects that others wrote. */
import { expect, it } from '@jest/globals';
import { WHOLE_CLUSTER } from '../../../src/domain/scope.ts';
import { connectCluster } from '../../../src/kubernetes/connect-cluster.ts';
import type { WireRequest } from '../../../src/kubernetes/wire/wire.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import { RecordedLog } from '../../support/ports/recorded-log.ts';
import { RecordedMeasurements } from '../../support/ports/recorded-measurements.ts';
import { Feed, ScriptedWire } from '../../support/ports/scripted-wire.ts';
import { eventually } from '../../support/suite/eventually.ts';
import { usedBytes } from '../../support/suite/retained-bytes.ts';
import { INSTANCE } from '../../support/values/builders.ts';

const CHUNK = 64 * 1024;

/** As JSON text in chunks: as objects, they would take more memory than the test allows. */
function listOf(items: readonly string[]): Feed {
  const feed = new Feed();
  const bytes = Buffer.from(`{"metadata":{"resourceVersion":"90"},"items":[${items.join()}]}`);
  for (let at = 0; at < bytes.length; at += CHUNK) feed.push(bytes.subarray(at, at + CHUNK));
  feed.end();
  return feed;
}

function account(n: number, references: number): string {
  const list = '{},'.repeat(references).slice(0, -1);
  return `{"metadata":{"name":"sa-${n}","namespace":"stranger","uid":"u${n}","resourceVersion":"${n + 1}"},"imagePullSecrets":[${list}]}`;
}

it.each([
  [20, 340_000, 'too large to be read'],
  [10, 170_000, 'just small enough to be read'],
])(
  'of %i ServiceAccounts with %i empty references, %s, it keeps little',
  async (count, references) => {
    const wire = new ScriptedWire(({ path, streaming }: WireRequest) => {
      if (streaming === true) return { body: new Feed() };
      const isOfAccounts = path.startsWith('/api/v1/serviceaccounts');
      const items = isOfAccounts
        ? Array.from({ length: count }, (_, n) => account(n, references))
        : [];
      return { body: listOf(items) };
    });
    const clock = new VirtualClock();
    const cluster = connectCluster(
      { address: 'scripted', openWire: () => wire },
      {
        reporter: 'pod-1',
        instance: INSTANCE,
        scope: WHOLE_CLUSTER,
        budget: { qps: 100, burst: 100 },
        clock,
        random: () => 0,
        log: new RecordedLog(),
        measurements: new RecordedMeasurements(),
        onRequest: () => undefined,
        onClockOffset: () => undefined,
        mayWrite: () => true,
        onWatchEnded: () => undefined,
      },
    );

    const before = usedBytes();
    cluster.start();
    await eventually({ what: 'complete caches', limitMs: 60_000 }, () => cluster.isSynced());

    expect(usedBytes() - before).toBeLessThan(2_000_000);
    expect(cluster.view.serviceAccountCache.size).toBe(count);
    await cluster.stop(0);
  },
);
