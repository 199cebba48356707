/**
 * moto's server: a third-party AWS, for STS and the wiring of ECR. Its ECR tokens expired in 2015, and it never fails;
 * use fake-aws.ts for everything else.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { freePort } from '../control-plane/free-port.ts';
import { isAlive, startGuarded, stopGuarded } from '../control-plane/guarded-process.ts';
import { eventually } from '../suite/eventually.ts';
import { findAwsTools } from '../tools/aws-tools.ts';

export interface Moto {
  /** `http://127.0.0.1:<port>`, for `AWS_ENDPOINT_URL`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Resolves when moto answers. It doesn't outlive this process. */
export async function startMoto(): Promise<Moto> {
  const bin = await findAwsTools();
  const dir = await mkdtemp(join(tmpdir(), 'ecr-pull-secrets-moto-'));
  const logFile = join(dir, 'moto.log');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const pid = startGuarded({
    file: join(bin, 'moto_server'),
    args: ['-H', '127.0.0.1', '-p', String(port)],
    logFile,
  });
  const stop = async () => {
    await stopGuarded(pid, 0);
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await eventually({ what: 'moto to answer', limitMs: 60_000, everyMs: 100 }, async () => {
      if (!isAlive(pid)) return true;
      const { statusCode, body } = await request(`${url}/moto-api/`);
      await body.dump();
      return statusCode === 200;
    });
    if (!isAlive(pid)) {
      throw new Error(`moto exited during its start\n${await readFile(logFile, 'utf8')}`);
    }
  } catch (err) {
    await stop();
    throw err;
  }
  return { url, stop };
}
