import { beforeEach, describe, expect, it } from '@jest/globals';
import { throwAway } from '../../../../demo/stage/throw-away.ts';
import { SimulatedCluster } from '../../../../simulator/simulated-cluster.ts';
import { systemClock } from '../../../../src/base/system-clock.ts';

const TEAMS = ['demo-a', 'demo-b', 'demo-c'];

let simulator: SimulatedCluster;

beforeEach(() => {
  simulator = new SimulatedCluster({ clock: systemClock });
  for (const name of [...TEAMS, 'theirs']) simulator.kubectl.createNamespace(name);
});

function access() {
  return { address: 'the simulator', openWire: () => simulator.wire() };
}

function namespaces(): readonly string[] {
  return simulator.kubectl.list('Namespace').map(({ metadata }) => metadata.name);
}

describe('throwing away', () => {
  it('removes the namespaces of the run, and no others', async () => {
    await throwAway(access(), TEAMS);

    expect(namespaces()).toContain('theirs');
    expect(namespaces().filter((name) => TEAMS.includes(name))).toEqual([]);
  });

  it('tries again if the API server refuses or does not answer', async () => {
    simulator.faults.add({
      effect: { kind: 'answer', status: 503 },
      match: ({ method }) => method === 'DELETE',
    });
    simulator.faults.add({ effect: { kind: 'refuse' }, times: 2 });
    await throwAway(access(), TEAMS);

    expect(namespaces().filter((name) => TEAMS.includes(name))).toEqual([]);
  });

  it('removes what it can, and says how to remove the rest', async () => {
    simulator.faults.add({
      effect: { kind: 'answer', status: 500, body: { message: 'etcd is full' } },
      match: ({ method, path }) => method === 'DELETE' && path.endsWith('demo-a'),
      times: Infinity,
    });

    await expect(throwAway(access(), TEAMS, 100)).rejects.toThrow(
      /etcd is full.*kubectl delete namespace demo-a$/,
    );
    expect(namespaces().filter((name) => TEAMS.includes(name))).toEqual(['demo-a']);
  });
});
