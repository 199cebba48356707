/** The child process of the event loop's benchmark: a simulated cluster of many namespaces, served over HTTPS. */
import type { Wire, WireRequest } from '../../src/kubernetes/wire/wire.ts';
import { serveOverHttps } from '../../simulator/http/cluster-server.ts';
import { renderKubeconfig } from '../../simulator/http/kubeconfig.ts';
import { SimulatedCluster } from '../../simulator/simulated-cluster.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { OPT_IN, PULL_SECRET, namesOf } from '../bench-names.ts';

/** What the benchmark may ask for. */
export type Order = 'countSecrets' | 'countReferences' | 'labelAll' | 'relist' | 'scrape';

/** How long the slowest of a hundred scrapes took, and the `/livez` asked for meanwhile, in milliseconds. */
export interface Scraped {
  readonly slowestMs: number;
  readonly livezMs: number;
}

const HISTORY = 50_000;
const names = namesOf('team', Number(process.argv[2]));
const simulator = new SimulatedCluster({ clock: systemClock, historyLimit: HISTORY });
for (const name of names) {
  simulator.kubectl.createNamespace(name, OPT_IN, { team: name });
  simulator.kubectl.createServiceAccount(name, 'app');
}
// Long enough for the `default` ServiceAccounts, which the simulator creates as a real cluster does.
await new Promise((resolve) => setTimeout(resolve, 1000));
let labels = 0;
const server = await serveOverHttps({
  cluster: { wire: (user) => withoutData(simulator.wire(user)) },
  users: { admin: 'admin' },
});
process.once('disconnect', () => process.exit());
process.on('message', ({ order, port }: { readonly order: Order; readonly port: number }) => {
  void obey(order, port).then((answer) => process.send?.({ order, answer }));
});
process.send?.({
  order: 'start',
  answer: renderKubeconfig({ server: server.url, caPem: server.caPem, token: 'admin' }),
});

async function obey(order: Order, port: number): Promise<number | Scraped> {
  const { kubectl } = simulator;
  switch (order) {
    case 'countSecrets':
      return kubectl.list('Secret').filter(({ metadata }) => metadata.name === PULL_SECRET).length;
    case 'countReferences':
      return kubectl
        .list('ServiceAccount')
        .filter((account) => JSON.stringify(account['imagePullSecrets'])?.includes(PULL_SECRET))
        .length;
    case 'labelAll':
      labels += 1;
      for (const name of names) {
        kubectl.patch(
          { kind: 'Namespace', name },
          { metadata: { labels: { round: String(labels) } } },
        );
      }
      return names.length;
    case 'relist':
      simulator.compact();
      simulator.cutWatches();
      return names.length;
    case 'scrape':
      return scrape(`http://127.0.0.1:${port}`);
  }
}

async function scrape(url: string): Promise<Scraped> {
  const scrapes = Promise.all(Array.from({ length: 100 }, () => get(`${url}/metrics`)));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const livezMs = await get(`${url}/livez`);
  return { livezMs, slowestMs: Math.max(...(await scrapes)) };
}

async function get(url: string): Promise<number> {
  const startedAt = performance.now();
  await (await fetch(url)).arrayBuffer();
  return performance.now() - startedAt;
}

/** Ten thousand Secrets of a hundred kilobytes would not fit: keeps a little of each. */
function withoutData(wire: Wire): Wire {
  return {
    send: (request) => wire.send(shortened(request)),
    close: () => wire.close(),
  };
}

function shortened(request: WireRequest): WireRequest {
  if (request.body === undefined) return request;
  const body = request.body.replace(/"\.dockerconfigjson":"[^"]*"/, () => {
    return `".dockerconfigjson":"${btoa('{"auths":{}}')}"`;
  });
  return { ...request, body };
}
