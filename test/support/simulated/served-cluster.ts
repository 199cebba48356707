/** A simulated cluster on the machine's clock, served over HTTPS, with kubeconfig files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterServer, serveOverHttps } from '../../../simulator/http/cluster-server.ts';
import { renderKubeconfig } from '../../../simulator/http/kubeconfig.ts';
import { SimulatedCluster } from '../../../simulator/simulated-cluster.ts';
import { systemClock } from '../../../src/base/system-clock.ts';

type Options = Partial<ConstructorParameters<typeof SimulatedCluster>[0]>;

export class ServedCluster {
  readonly simulator: SimulatedCluster;
  readonly server: ClusterServer;
  /** A directory for files; removed at the end. */
  readonly dir = mkdtempSync(join(tmpdir(), 'served-cluster-'));

  private constructor(simulator: SimulatedCluster, server: ClusterServer) {
    this.simulator = simulator;
    this.server = server;
  }

  /** Every user of `access`, and `admin`, has a token: `token-of-<user>`. */
  static async start(options: Options = {}): Promise<ServedCluster> {
    const simulator = new SimulatedCluster({ clock: systemClock, ...options });
    const names = ['admin', ...Object.keys(options.access ?? {})];
    const users = Object.fromEntries(names.map((name) => [`token-of-${name}`, name]));
    return new ServedCluster(simulator, await serveOverHttps({ cluster: simulator, users }));
  }

  /** The path of a kubeconfig with the user's token; also for a user that the server does not know. */
  kubeconfigOf(user: string): string {
    const path = join(this.dir, `${user}.kubeconfig`);
    const { url, caPem } = this.server;
    const text = renderKubeconfig({ server: url, caPem, token: `token-of-${user}` });
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  async stop(): Promise<void> {
    await this.server.close();
    rmSync(this.dir, { recursive: true });
  }
}
