/** The Go tool, as builds of the tests' programs call it. */
import { spawn } from 'node:child_process';

export interface GoCall {
  /** What is being built, for messages. */
  readonly what: string;
  readonly cwd: string;
  /** `-mod`: whether the build may complete go.mod and go.sum. */
  readonly mod: 'mod' | 'readonly';
  /** How to do without Go, where there is another way. */
  readonly orElse?: string;
}

/** Its stdout. Throws an Error with what it said on stderr when it fails, and with the mend where there is no Go. */
export async function runGo(
  { what, cwd, mod, orElse }: GoCall,
  args: readonly string[],
): Promise<string> {
  const env = {
    ...process.env,
    CGO_ENABLED: '0',
    GOFLAGS: `-mod=${mod} -buildvcs=false`,
    GOWORK: 'off',
  };
  const child = spawn('go', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err = (err + String(chunk)).slice(-8_000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    const install = `Install Go 1.26 or later (https://go.dev/dl)${orElse ?? ''}.`;
    child.on('error', (cause) =>
      reject(new Error(`building ${what}: there is no \`go\` in PATH. ${install}`, { cause })),
    );
    child.on('close', resolve);
  });
  if (code === 0) return out;
  throw new Error(`building ${what}: go ${args[0]} ended with ${code}\n${err || out}`);
}
