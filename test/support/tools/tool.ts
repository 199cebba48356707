/**
 * What tests use and never build: directories of the per-user cache, each with one tool. `npm run build:tools` fills
 * them; tests only look.
 */
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { withFileLock } from './file-lock.ts';

export interface Tool {
  /** What `npm run build:tools -- NAME` calls it. */
  readonly name: string;
  /** Of this recipe too: another version has a directory of its own. */
  readonly version: string;
  /** Fills the directory, which is empty and stays where it is; `work` is for the rest and goes afterwards. */
  readonly fill: (directory: string, work: string) => Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Written last: without it a directory is half-done, whatever else is in it. */
const COMPLETE = 'complete';

/** Where the tool is. Throws an Error with the command that builds it where it is not there. */
export async function findTool(tool: Tool, env: Environment = process.env): Promise<string> {
  const directory = directoryOf(tool, env);
  if (await isComplete(directory)) return directory;
  throw new Error(
    `finding ${tool.name} ${tool.version}: it is not in ${directory}; ` +
      `\`npm run build:tools -- ${tool.name}\` builds it, \`npm run build:tools\` all that tests need.`,
  );
}

/**
 * Builds the tool where it is not there. Of several processes at once one builds and the others wait. The answer: whether
 * there was anything to do.
 */
export async function buildTool(
  tool: Tool,
  say: (line: string) => void,
  env: Environment = process.env,
): Promise<boolean> {
  const directory = directoryOf(tool, env);
  if (await isComplete(directory)) return false;
  await mkdir(dirname(directory), { recursive: true });
  const onWait = (pid: number) => say(`process ${pid} is building it already, waiting`);
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
