/** Two AWS accounts in moto, with the AWS CLI and cfn-lint as a person would use them, for CloudFormation and IAM. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { request } from 'undici';
import { ROOT } from './iam-manifests.ts';
import { type Moto, startMoto } from './moto.ts';
import { findAwsTools } from '../tools/aws-tools.ts';

export const ACCOUNT = '123456789012';
/** The account of the CLI profile `other`. */
export const OTHER_ACCOUNT = '210987654321';
export const REGION = 'eu-west-1';

export type AccountProfile = 'default' | 'other';

export class MotoCloud {
  readonly #moto: Moto;
  readonly #bin: string;
  /** For files of the CLI and of tests; no file of the machine's user is read. */
  readonly dir: string;

  private constructor(moto: Moto, bin: string, dir: string) {
    this.#moto = moto;
    this.#bin = bin;
    this.dir = dir;
  }

  static async start(): Promise<MotoCloud> {
    const bin = await findAwsTools();
    const dir = await mkdtemp(join(tmpdir(), 'ecr-pull-secrets-cloud-'));
    return new MotoCloud(await startMoto(), bin, dir);
  }

  get url(): string {
    return this.#moto.url;
  }

  /** Empties both accounts. */
  async reset(): Promise<void> {
    await this.#command('reset', '');
    await this.judgeAfter(Infinity);
    await writeFile(this.#configFile, '');
    // moto derives the account from the access key of a session in it.
    const admin = `arn:aws:iam::${OTHER_ACCOUNT}:role/admin`;
    const output = await this.aws(
      'sts',
      'assume-role',
      '--role-arn',
      admin,
      '--role-session-name',
      'test',
    );
    const { Credentials: session } = output as {
      readonly Credentials: Readonly<Record<string, string>>;
    };
    const lines = [
      '[profile other]',
      `aws_access_key_id = ${session['AccessKeyId']}`,
      `aws_secret_access_key = ${session['SecretAccessKey']}`,
      `aws_session_token = ${session['SessionToken']}`,
    ];
    await writeFile(this.#configFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  }

  /**
   * After this many calls moto checks every call against the caller's own policies. (AssumeRoleWithWebIdentity must come
   * before that: moto expects a signature, which it doesn't have.) moto checks actions only, neither resources nor the
   * trust policy of a role in another account.
   */
  async judgeAfter(calls: number): Promise<void> {
    await this.#command('reset-auth', calls === Infinity ? 'inf' : String(calls));
  }

  /** The parsed output of one CLI command. Rejects with its error output. */
  async aws(...args: readonly string[]): Promise<unknown> {
    const output = await this.run('aws', [...args, '--output', 'json']);
    return output === '' ? undefined : JSON.parse(output);
  }

  /** Runs commands with bash, which stops at the first that fails. */
  async shell(text: string, cwd = ROOT): Promise<void> {
    await this.run('bash', ['-euo', 'pipefail', '-c', text], cwd);
  }

  /** Returns the program's stdout. Rejects if it fails. */
  async run(program: string, args: readonly string[], cwd = ROOT): Promise<string> {
    const env = {
      PATH: `${this.#bin}:${process.env['PATH']}`,
      HOME: this.dir,
      AWS_ENDPOINT_URL: this.url,
      AWS_CONFIG_FILE: this.#configFile,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_PAGER: '',
    };
    const { stdout } = await promisify(execFile)(program, args, { cwd, env, timeout: 60_000 });
    return stdout;
  }

  async stop(): Promise<void> {
    await this.#moto.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  get #configFile(): string {
    return join(this.dir, 'aws-config');
  }

  async #command(what: string, body: string): Promise<void> {
    const { statusCode, body: answer } = await request(`${this.url}/moto-api/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body,
    });
    const text = await answer.text();
    if (statusCode !== 200) throw new Error(`moto ${what} failed: ${statusCode} ${text}`);
  }
}
