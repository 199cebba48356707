/**
 * Tools that tests use but never build: directories in the per-user cache, one per tool. `npm run build:tools` fills
 * them; tests only read them.
 */
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { withFileLock } from './file-lock.ts';

export interface Tool {
  /** Its name in `npm run build:tools -- NAME`. */
  readonly name: string;
  /** Also the version of this recipe: each version has its own directory. */
  readonly version: string;
  /** Fills the directory, which is empty and is not moved later; `work` is for temporary files and is removed afterwards. */
  readonly fill: (directory: string, work: string) => Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Written last: a directory without it is incomplete, whatever else it contains. */
const COMPLETE = 'complete';

/** The tool's directory. If the tool is missing, throws an Error with the command that builds it. */
export async function findTool(tool: Tool, env: Environment = process.env): Promise<string> {
  const directory = directoryOf(tool, env);
  if (await isComplete(directory)) return directory;
  throw new Error(
    `finding ${tool.name} ${tool.version}: it is not in ${directory}; ` +
      `\`npm run build:tools -- ${tool.name}\` builds it, \`npm run build:tools\` builds everything that tests need.`,
  );
}

/**
 * Builds the tool if it is missing. If several processes call this at once, one builds and the others wait. Returns
 * whether the tool was missing.
 */
export async function buildTool(
  tool: Tool,
  print: (line: string) => void,
  env: Environment = process.env,
): Promise<boolean> {
  const directory = directoryOf(tool, env);
  if (await isComplete(directory)) return false;
  await mkdir(dirname(directory), { recursive: true });
  const onWait = (pid: number) => print(`process ${pid} is already building it, waiting`);
  return withFileLock(`${directory}.lock`, onWait, async () => {
    if (await isComplete(directory)) return false;
    const work = await mkdtemp(join(tmpdir(), `ecr-pull-secrets-${tool.name}-`));
    try {
      await rm(directory, { recursive: true, force: true });
      await mkdir(directory);
      await tool.fill(directory, work);
      await writeFile(join(directory, COMPLETE), '');
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    return true;
  });
}

function directoryOf({ name, version }: Tool, env: Environment): string {
  const caches = env['XDG_CACHE_HOME'];
  const home = caches === undefined || caches === '' ? join(homedir(), '.cache') : caches;
  return join(home, 'ecr-pull-secrets', 'tools', `${name}-${version}`);
}

async function isComplete(directory: string): Promise<boolean> {
  return access(join(directory, COMPLETE)).then(
    () => true,
    () => false,
  );
}
