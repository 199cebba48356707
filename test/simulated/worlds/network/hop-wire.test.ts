import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { SimulatedCluster } from '../../../../simulator/simulated-cluster.ts';
import type { Wire } from '../../../../src/kubernetes/wire/wire.ts';
import { ProcessClock } from '../../../support/ports/process-clock.ts';
import { History } from '../history.ts';
import { View } from '../model/view.ts';
import { RandomStream } from '../random-stream.ts';
import { Weather } from '../weather/weather.ts';
import { HopWire } from './hop-wire.ts';

const REQUESTS = 300;

async function readAnswer(wire: Wire, signal: AbortSignal): Promise<void> {
  const { body } = await wire.send({
    method: 'GET',
    path: '/api/v1/namespaces',
    headers: {},
    signal,
  });
  for await (const _ of body) continue;
}

describe('HopWire', () => {
  it('reports an answer when the process has all of it, not when it has the head', async () => {
    const time = new VirtualClock();
    const random = new RandomStream(1);
    const nowMs = (): number => time.monotonicMs();
    const simulator = new SimulatedCluster({ clock: time });
    const reported: number[] = [];
    const network = {
      time,
      random,
      weather: new Weather(),
      history: new History(simulator, nowMs, () => undefined),
      faults: simulator.faults,
      observer: {
        sent: () => undefined,
        served: () => undefined,
        answered: ({ number }: { readonly number: number }) => void reported.push(number),
      },
    };
    const process = {
      name: 'pod-1',
      clock: new ProcessClock(time),
      viewOf: () => new View(nowMs),
      received: () => undefined,
    };
    const wire = new HopWire(network, process, simulator.wire('somebody'));

    const read: number[] = [];
    for (let number = 1; number <= REQUESTS; number += 1) {
      const deadline = new AbortController();
      time.after(random.between(0, 20), () => deadline.abort(new Error('too late')));
      readAnswer(wire, deadline.signal).then(
        () => read.push(number),
        () => undefined,
      );
      await time.advance(5_000);
    }

    expect(reported).toEqual(read);
    // Some were given up in time, some were not.
    expect(read.length).toBeGreaterThan(REQUESTS / 4);
    expect(read.length).toBeLessThan((REQUESTS * 3) / 4);
  });
});
