/** Where helm, helm-unittest, promtool and Prometheus are: in the per-user cache, built from their Go modules where they are not. */
import { join } from 'node:path';
import { isExecutable, testCache } from '../control-plane/binaries.ts';
import { buildOnce } from '../go/build-once.ts';
import { runGo } from '../go/run-go.ts';
import { GO_TOOLS, type GoTool, type ToolName } from './go-tools.ts';

/** The paths of the programs. The first call on a machine builds, which takes minutes and is told on stderr. */
export const findHelm = async (): Promise<string> => findTool('helm');
export const findHelmUnittest = async (): Promise<string> => findTool('helm-unittest');
export const findPromtool = async (): Promise<string> => findTool('promtool');
export const findPrometheus = async (): Promise<string> => findTool('prometheus');

async function findTool(name: ToolName): Promise<string> {
  const tool = GO_TOOLS[name];
  const directory = join(testCache(), 'tools', `${name}-${tool.version}`);
  const program = join(directory, name);
  const stillMissing = async () => !(await isExecutable(program));
  const say = (line: string) => void process.stderr.write(`${name}: ${line}\n`);
  if (!(await stillMissing())) return program;
  const build = async (work: string, bin: string) => {
    say(`building ${tool.version} from its Go module, once for this user (some minutes)`);
    await buildTool(tool, work, join(bin, name));
  };
  await buildOnce({ directory, stillMissing, build, say });
  return program;
}

/** In the module's own directory, so that its own go.sum and replacements hold. */
async function buildTool(tool: GoTool, work: string, target: string): Promise<void> {
  const { module, version, path, variables } = tool;
  const call = { what: module, cwd: work } as const;
  const download = ['mod', 'download', '-json', `${module}@${version}`];
  const about = JSON.parse(await runGo({ ...call, mod: 'mod' }, download)) as {
    readonly Dir: string;
  };
  const sets = Object.entries(variables).map(([key, value]) => `-X ${key}=${value}`);
  const build = ['build', '-trimpath', '-ldflags', ['-s -w', ...sets].join(' '), '-o', target];
  await runGo({ ...call, cwd: about.Dir, mod: 'readonly' }, [...build, path]);
}
