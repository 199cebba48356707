/** An AWS in which every source of credentials works at once, until a test breaks one: who is asked is then a choice. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsTimeouts } from '../../../src/aws/aws-access.ts';
import type { AwsWire } from '../../../src/aws/aws-wire.ts';
import { EcrTokenMinter } from '../../../src/aws/ecr-token-minter.ts';
import { identityOf } from '../../../src/config/identity-of.ts';
import { ControllerError } from '../../../src/domain/errors.ts';
import type { AssumedRole, CredentialSource, Identity } from '../../../src/domain/identity.ts';
import { useAwsEnvironment } from '../aws-environment.ts';
import { EcrStub } from '../ecr-stub.ts';
import { realClock } from '../real-clock.ts';
import { FakeImds, KEY_OF_NODE } from './fake-imds.ts';
import { FakePodIdentityAgent, KEY_OF_AGENT } from './fake-pod-identity-agent.ts';
import { FakeSts, TOKEN_OF_POD } from './fake-sts.ts';

export const KEY_OF_ENVIRONMENT = 'AKIAENVIRONMENT00001';
export const ROLE_OF_POD = 'arn:aws:iam::111111111111:role/pod';

/** Of real time: a busy machine takes a while to load what the SDK loads late. */
const PATIENT: AwsTimeouts = { connectionMs: 2_000, requestMs: 2_000, credentialsMs: 2_000 };
/** For what never answers. */
export const HASTY: AwsTimeouts = { connectionMs: 100, requestMs: 100, credentialsMs: 60 };

const never = new AbortController().signal;

export class AwsWorld {
  readonly ecr: EcrStub;
  readonly sts = new FakeSts();
  readonly agent: FakePodIdentityAgent;
  readonly imds: FakeImds;
  readonly folder = mkdtempSync(join(tmpdir(), 'aws-world-'));
  readonly #restore: () => void;
  #minter: EcrTokenMinter;

  private constructor(parts: Pick<AwsWorld, 'ecr' | 'agent' | 'imds'>) {
    this.ecr = parts.ecr;
    this.agent = parts.agent;
    this.imds = parts.imds;
    this.ecr.answers.sts = (call) => this.sts.answer(call);
    for (const key of [KEY_OF_ENVIRONMENT, KEY_OF_AGENT, KEY_OF_NODE]) this.sts.keys.add(key);
    this.sts.roles.set(ROLE_OF_POD, { trustsWebIdentity: true });
    this.write('web-identity-token', TOKEN_OF_POD);
    this.write('pod-token', 'pod-token');
    this.#restore = useAwsEnvironment(this.#variables());
    this.#minter = newMinter(PATIENT);
  }

  static async start(): Promise<AwsWorld> {
    const [ecr, agent, imds] = await Promise.all([
      EcrStub.start(),
      FakePodIdentityAgent.start(),
      FakeImds.start(),
    ]);
    return new AwsWorld({ ecr, agent, imds });
  }

  /** Where a file of this world is. */
  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  remove(name: string): void {
    rmSync(this.path(name));
  }

  /** In the environment of the process, as the program and the SDK see it. */
  set(variables: Readonly<Record<string, string | undefined>>): void {
    for (const [name, value] of Object.entries(variables)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }

  /** With a minter that waits a little only. */
  hurry(): void {
    this.#minter.close();
    this.#minter = newMinter(HASTY);
  }

  /** With a minter whose calls to ECR and STS go over a wire. */
  useWire(wire: AwsWire): void {
    this.#minter.close();
    this.#minter = newMinter(HASTY, wire);
  }

  /** The access key with which ECR was asked. */
  async mint(identity: Identity): Promise<string> {
    await this.#minter.mint(identity, never);
    return this.keysAtEcr.at(-1) ?? '';
  }

  async failure(identity: Identity): Promise<ControllerError> {
    const error: unknown = await this.#minter.mint(identity, never).catch((reason) => reason);
    if (error instanceof ControllerError) return error;
    throw new Error('no ControllerError', { cause: error });
  }

  get keysAtEcr(): readonly string[] {
    return this.ecr
      .callsOf('ecr')
      .map(({ headers }) => /Credential=([^/]+)/.exec(headers.authorization ?? '')?.[1] ?? '');
  }

  /** Which sources have been asked over the network. */
  get asked(): readonly string[] {
    const isWeb = this.sts.calls.some(({ action }) => action === 'AssumeRoleWithWebIdentity');
    return [
      ...(isWeb ? ['webIdentity'] : []),
      ...(this.agent.calls.length > 0 ? ['podIdentity'] : []),
      ...(this.imds.calls.length > 0 ? ['instanceProfile'] : []),
    ];
  }

  async stop(): Promise<void> {
    this.#minter.close();
    this.#restore();
    rmSync(this.folder, { recursive: true });
    await Promise.all([this.ecr.stop(), this.agent.stop(), this.imds.stop()]);
  }

  #variables(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL_ECR: this.ecr.url,
      AWS_ENDPOINT_URL_STS: this.ecr.url,
      AWS_ACCESS_KEY_ID: KEY_OF_ENVIRONMENT,
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ROLE_ARN: ROLE_OF_POD,
      AWS_WEB_IDENTITY_TOKEN_FILE: this.path('web-identity-token'),
      AWS_CONTAINER_CREDENTIALS_FULL_URI: this.agent.url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: this.path('pod-token'),
      AWS_EC2_METADATA_DISABLED: 'false',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: this.imds.url,
    };
  }
}

function newMinter(timeouts: AwsTimeouts, wire?: AwsWire): EcrTokenMinter {
  return new EcrTokenMinter({ clock: realClock, environment: process.env, timeouts, wire });
}

/** An identity as a profile would have it. */
export function identityWith(
  source: CredentialSource,
  assumeRole: readonly Partial<AssumedRole>[] = [],
  region = 'eu-west-1',
): Identity {
  const roles = assumeRole.map((role): AssumedRole => ({
    roleArn: '',
    externalId: undefined,
    sessionName: undefined,
    sessionTags: {},
    ...role,
  }));
  return identityOf({ service: 'ecr', region }, source, roles);
}
