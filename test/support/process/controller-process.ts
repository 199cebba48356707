/** The product as a child process, `dist/main.mjs run` (built by `npm run build`), with its output and its pages. */
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { eventually } from '../suite/eventually.ts';
import { type GuardedChild, spawnGuarded } from './guarded-child.ts';
import { MetricsPage } from './metrics-page.ts';
import type { OutputLines } from './output-lines.ts';

export interface ControllerOptions {
  readonly kubeconfig: string;
  /** The URL of a `FakeAws` or of moto. */
  readonly awsUrl: string;
  /** Text of the configuration file; if not set there is no file. */
  readonly config?: string;
  /** Appended to `run --kubeconfig … --listen … --log-level trace`; may repeat these flags. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A build other than dist/main.mjs. */
  readonly program?: string;
  /** Flags of Node itself, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
}

/** A line of the log, with further fields. */
export interface LogRecord {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Page {
  readonly status: number;
  readonly body: string;
}

const MAIN = fileURLToPath(new URL('../../../dist/main.mjs', import.meta.url));

export class ControllerProcess {
  readonly #child: ChildProcess;
  readonly #dir: string;
  readonly #stdout: OutputLines;
  readonly #stderr: OutputLines;
  /** The exit code, once all output has been read; `null` after a signal. */
  readonly exited: Promise<number | null>;

  private constructor({ child, stdout, stderr, exited }: GuardedChild, dir: string) {
    this.#child = child;
    this.#dir = dir;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.exited = exited;
  }

  /** Resolves when the process is spawned; await `ready` until it works. It doesn't outlive this process. */
  static async start(options: ControllerOptions): Promise<ControllerProcess> {
    const { kubeconfig, config, flags = [], program = MAIN, nodeFlags = [] } = options;
    const dir = await mkdtemp(join(tmpdir(), 'ecr-pull-secrets-run-'));
    const ours = ['--kubeconfig', kubeconfig, '--listen', '127.0.0.1:0', '--log-level', 'trace'];
    const ofConfig = config === undefined ? [] : ['--config', join(dir, 'config.yaml')];
    if (config !== undefined) await writeFile(join(dir, 'config.yaml'), config);
    const command = [
      process.execPath,
      ...nodeFlags,
      program,
      'run',
      ...ours,
      ...ofConfig,
      ...flags,
    ];
    return new ControllerProcess(spawnGuarded(command, environmentOf(options)), dir);
  }

  /** Throws an Error if it could not even be spawned. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the controller has no process');
    return this.#child.pid;
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The whole log so far. */
  get log(): readonly LogRecord[] {
    return this.#stdout.lines.flatMap((line) => parseRecord(line) ?? []);
  }

  /** Everything that it has printed. */
  get output(): string {
    return [...this.#stdout.lines, ...this.#stderr.lines].join('\n');
  }

  get errorOutput(): string {
    return this.#stderr.lines.join('\n');
  }

  /** The first record with this message. */
  async logged(message: string, limitMs = 10_000): Promise<LogRecord> {
    return this.#eventually(`the log record ${JSON.stringify(message)}`, limitMs, () =>
      this.log.find(({ msg }) => msg === message),
    );
  }

  /** Waits until `/readyz` answers 200. */
  async ready(limitMs = 30_000): Promise<void> {
    await this.logged('started', limitMs);
    await this.#eventually('the controller to be ready', limitMs, async () => {
      const { status } = await this.page('/readyz').catch(() => ({ status: 0 }));
      return status === 200;
    });
  }

  /** A page from the port that serves health and metrics. */
  async page(path: string): Promise<Page> {
    const { port } = await this.logged('started');
    const { statusCode, body } = await request(`http://127.0.0.1:${String(port)}${path}`);
    return { status: statusCode, body: await body.text() };
  }

  async metrics(): Promise<MetricsPage> {
    return MetricsPage.parse((await this.page('/metrics')).body);
  }

  /** Changes the file in one step, as the kubelet changes a mounted ConfigMap. */
  async changeConfig(text: string): Promise<void> {
    await writeFile(join(this.#dir, 'config.new'), text);
    await rename(join(this.#dir, 'config.new'), join(this.#dir, 'config.yaml'));
  }

  /** SIGTERM; resolves with the exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  /** SIGKILL: no drain, as when a node dies. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGSTOP: it does nothing at all until `resume`. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  /** SIGCONT. */
  resume(): void {
    this.#child.kill('SIGCONT');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    const code = await this.exited;
    await rm(this.#dir, { recursive: true, force: true });
    return code;
  }

  /** Gives up at once when the process exits: nothing more can happen. */
  async #eventually<T>(
    what: string,
    limitMs: number,
    look: () => Promise<T | undefined | false> | T | undefined | false,
  ): Promise<T> {
    const seen = await eventually({ what, limitMs, everyMs: 20 }, async () => {
      const found = await look();
      if (found !== undefined && found !== false) return { found };
      return this.hasExited ? 'ended' : undefined;
    }).catch((error: unknown) => String(error));
    if (typeof seen !== 'string') return seen.found;
    throw new Error(`waiting for ${what}: ${seen}\n${this.output.slice(-4_000)}`);
  }
}

/** Contains nothing of the machine's environment except PATH: no proxy, no credentials. */
function environmentOf({ awsUrl, env = {} }: ControllerOptions): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_ECR: awsUrl,
    AWS_ENDPOINT_URL_STS: awsUrl,
    ...env,
  };
}

function parseRecord(line: string): LogRecord | undefined {
  try {
    return JSON.parse(line) as LogRecord;
  } catch {
    return undefined;
  }
}
