/** A real Prometheus on loopback that scrapes every second, for tests with the chart's own rules and shorter wait times. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { stringify } from 'yaml';
import { freePort } from '../control-plane/free-port.ts';
import { eventually } from '../suite/eventually.ts';
import { type GuardedChild, spawnGuarded } from '../process/guarded-child.ts';
import { findProgram, PROMETHEUS_SERVER } from './go-tools.ts';

type Labels = Readonly<Record<string, string>>;

export interface Target {
  readonly port: number;
  readonly labels: Labels;
}

type QueryAnswer =
  | {
      readonly status: 'success';
      readonly data: {
        readonly result: readonly { readonly metric: Labels }[];
      };
    }
  | { readonly status: 'error'; readonly error: string };

export class Prometheus {
  readonly #run: GuardedChild;
  readonly #dir: string;
  readonly #url: string;

  private constructor(run: GuardedChild, dir: string, url: string) {
    this.#run = run;
    this.#dir = dir;
    this.#url = url;
  }

  /** `rules`: the text of a rule file. Resolves when Prometheus answers. */
  static async start(rules: string, targets: readonly Target[]): Promise<Prometheus> {
    const dir = await mkdtemp(join(tmpdir(), 'ecr-pull-secrets-prometheus-'));
    const address = `127.0.0.1:${await freePort()}`;
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: ['rules.yaml'],
      scrape_configs: [{ job_name: 'eps', file_sd_configs: [{ files: ['targets.json'] }] }],
    };
    await writeTargets(dir, targets);
    await writeFile(join(dir, 'rules.yaml'), rules);
    await writeFile(join(dir, 'prometheus.yaml'), stringify(config));
    const files = [`--config.file=${dir}/prometheus.yaml`, `--storage.tsdb.path=${dir}/data`];
    const command = [
      await findProgram(PROMETHEUS_SERVER),
      ...files,
      `--web.listen-address=${address}`,
    ];
    const run = spawnGuarded(command, { HOME: dir });
    const prometheus = new Prometheus(run, dir, `http://${address}`);
    await eventually({ what: 'Prometheus', limitMs: 30_000 }, async () => prometheus.#isReady());
    return prometheus;
  }

  /** From now on it scrapes these, and no others. */
  async scrape(targets: readonly Target[]): Promise<void> {
    await writeTargets(this.#dir, targets);
  }

  /** Every firing alert, as `name/severity/profile`, sorted. */
  async firing(): Promise<readonly string[]> {
    const alerts = await this.firingAlerts();
    return alerts
      .map(({ alertname, severity, profile = '-' }) => [alertname, severity, profile].join('/'))
      .sort((a, b) => a.localeCompare(b));
  }

  /** The labels of every firing alert. */
  async firingAlerts(): Promise<readonly Labels[]> {
    const { body } = await request(`${this.#url}/api/v1/alerts`);
    const { data } = (await body.json()) as {
      readonly data: {
        readonly alerts: readonly { readonly state: string; readonly labels: Labels }[];
      };
    };
    return data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels);
  }

  /** The labels of every series that a query returns now. Throws if the query is invalid. */
  async query(expression: string): Promise<readonly Labels[]> {
    const { body } = await request(`${this.#url}/api/v1/query`, { query: { query: expression } });
    const answer = (await body.json()) as QueryAnswer;
    if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`);
    return answer.data.result.map(({ metric }) => metric);
  }

  async stop(): Promise<void> {
    this.#run.child.kill('SIGTERM');
    await this.#run.exited;
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #isReady(): Promise<boolean> {
    const { child, stderr } = this.#run;
    if (child.exitCode !== null) throw new Error(`Prometheus: ${stderr.lines.join('\n')}`);
    const answer = await request(`${this.#url}/-/ready`).catch(() => undefined);
    await answer?.body.dump();
    return answer?.statusCode === 200;
  }
}

/** In one step: Prometheus reads the file whenever it changes. */
async function writeTargets(dir: string, targets: readonly Target[]): Promise<void> {
  const groups = targets.map(({ port, labels }) => ({ targets: [`127.0.0.1:${port}`], labels }));
  await writeFile(join(dir, 'targets.new'), JSON.stringify(groups));
  await rename(join(dir, 'targets.new'), join(dir, 'targets.json'));
}
