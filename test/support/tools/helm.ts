/** The real helm, with its own home directory. */
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CHART } from '../chart/chart.ts';
import { findProgram, HELM } from './go-tools.ts';
import { runTool, type ToolRun } from './run-tool.ts';
import type { Tool } from './tool.ts';

export class Helm {
  readonly #program: string;
  readonly #environment: Readonly<Record<string, string>>;
  /** Also for callers' files; removed by `close`. */
  readonly dir: string;

  private constructor(program: string, dir: string, kubeconfig: string | undefined) {
    this.#program = program;
    this.dir = dir;
    this.#environment = {
      HOME: dir,
      HELM_CACHE_HOME: join(dir, 'cache'),
      HELM_CONFIG_HOME: join(dir, 'config'),
      HELM_DATA_HOME: join(dir, 'data'),
      ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }),
    };
  }

  /** Without a kubeconfig it can only render and lint. */
  static async open(kubeconfig?: string, tool: Tool = HELM): Promise<Helm> {
    const program = await findProgram(tool);
    const dir = await mkdtemp(join(tmpdir(), 'ecr-pull-secrets-helm-'));
    await symlink(dirname(CHART), join(dir, 'charts'));
    return new Helm(program, dir, kubeconfig);
  }

  async close(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }

  /** Returns the result even if helm fails. */
  async run(...args: readonly string[]): Promise<ToolRun> {
    return runTool(this.#program, args, this.#environment);
  }

  /** Runs commands as typed in a checkout, with this helm and with kubectl. */
  async shell(commands: string): Promise<ToolRun> {
    const PATH = `${dirname(this.#program)}:${process.env['PATH'] ?? ''}`;
    const script = `cd '${this.dir}'\n${commands}`;
    return runTool('sh', ['-c', script], { ...this.#environment, PATH });
  }

  /** Returns helm's stdout. Throws an Error with its output if it fails. */
  async succeed(...args: readonly string[]): Promise<string> {
    const { code, stdout, output } = await this.run(...args);
    if (code !== 0) throw new Error(`helm ${args.join(' ')}: ${output}`);
    return stdout;
  }
}
