/** An AWS in which all credential sources work at once until a test breaks one: which one is asked is then a choice. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsTimeouts } from '../../../src/aws/network/aws-connection.ts';
import type { AwsWire } from '../../../src/aws/network/aws-wire.ts';
import { EcrTokenMinter } from '../../../src/aws/ecr-token-minter.ts';
import { identityOf } from '../../../src/config/identity-of.ts';
import type { ControllerError } from '../../../src/domain/errors.ts';
import type { AssumedRole, CredentialSource, Identity } from '../../../src/domain/identity.ts';
import type { RegistryToken } from '../../../src/domain/token/registry-token.ts';
import type { Outcome } from '../../../simulator/aws/aws-modes.ts';
import type { AwsRequest } from '../../../simulator/aws/aws-request.ts';
import { useAwsEnvironment } from './aws-environment.ts';
import { controllerErrorOf } from '../suite/failure-of.ts';
import { FakeAws } from './fake-aws.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { answerAsAgent, answerAsMetadata, KEY_OF_AGENT, KEY_OF_NODE } from './node-endpoints.ts';
import { TOKEN_OF_POD, Trust } from './trust.ts';

/** Access key of the first assumed role. */
export const KEY_OF_SESSION = 'ASIAFAKE000000000001';
export const KEY_OF_ENVIRONMENT = 'AKIAENVIRONMENT00001';
export const ROLE_OF_POD = 'arn:aws:iam::111111111111:role/pod';

/** In real time: a busy machine takes a while to load what the SDK loads lazily. */
const PATIENT: AwsTimeouts = { connectionMs: 2_000, requestMs: 2_000, credentialsMs: 2_000 };
/** For endpoints that never answer. */
export const HASTY: AwsTimeouts = { connectionMs: 100, requestMs: 100, credentialsMs: 60 };

const never = new AbortController().signal;

export type Place = 'ecr' | 'sts' | 'agent' | 'imds';
export type Source = Exclude<CredentialSource['kind'], 'auto'>;

export class AwsWorld {
  readonly aws: FakeAws;
  readonly trust: Trust;
  /** Scripted answers of a place from now on; if a script returns `undefined`, the place gives its normal answer. */
  readonly scripts: { [place in Place]?: (request: AwsRequest) => Outcome | undefined } = {};
  /** Tokens that the Pod Identity agent accepts. */
  readonly podTokens = new Set(['pod-token']);
  /** The reported offsets by which AWS's clock is ahead. */
  readonly offsets: number[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'aws-world-'));
  readonly #requests: (readonly [Place, AwsRequest])[] = [];
  readonly #restore: () => void;
  #minter: EcrTokenMinter;

  private constructor(aws: FakeAws) {
    this.aws = aws;
    aws.script = (request) => this.#answer(request);
    this.trust = new Trust((key) => this.roleOf(key));
    for (const key of [KEY_OF_ENVIRONMENT, KEY_OF_AGENT, KEY_OF_NODE]) this.trust.keys.add(key);
    this.trust.roles.set(ROLE_OF_POD, { trustsWebIdentity: true });
    this.write('web-identity-token', TOKEN_OF_POD);
    this.write('pod-token', 'pod-token');
    this.#restore = useAwsEnvironment({
      AWS_ENDPOINT_URL_ECR: aws.url,
      AWS_ENDPOINT_URL_STS: aws.url,
    });
    this.#minter = this.#newMinter(PATIENT);
    this.only('environment', 'webIdentity', 'podIdentity', 'instanceProfile');
  }

  static async start(): Promise<AwsWorld> {
    return new AwsWorld(await FakeAws.start());
  }

  /** The path of a file in this world's folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  remove(name: string): void {
    rmSync(this.path(name));
  }

  /** Sets variables in the process's environment, as the program and the SDK see it. */
  set(variables: Readonly<Record<string, string | undefined>>): void {
    for (const [name, value] of Object.entries(variables)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }

  /** Sets the variables of these sources and removes those of all others; drops cached credentials. */
  only(...sources: readonly Source[]): void {
    this.forget();
    for (const [source, variables] of Object.entries(this.#variables())) {
      for (const [name, value] of Object.entries(variables)) {
        this.set({ [name]: sources.includes(source as Source) ? value : undefined });
      }
    }
  }

  /** Uses a minter with short timeouts; its calls to ECR and STS go over `wire` if given. */
  hurry(timeouts = HASTY, wire?: AwsWire): void {
    this.forget();
    this.#minter = this.#newMinter(timeouts, wire);
  }

  /** Makes the minter fetch its credentials again. */
  forget(): void {
    this.#minter.close();
  }

  mint(identity: Identity, signal = never): Promise<RegistryToken> {
    return this.#minter.mint(identity, signal);
  }

  /** The access key that signed the request to ECR. */
  async keyFor(identity: Identity): Promise<string> {
    await this.mint(identity);
    return this.keysAtEcr.at(-1) ?? '';
  }

  failure(identity: Identity, signal = never): Promise<ControllerError> {
    return controllerErrorOf(this.mint(identity, signal));
  }

  /** The requests to a place, or to all of them. */
  requests(place?: Place): readonly AwsRequest[] {
    const here = this.#requests.filter(([where]) => where === (place ?? where));
    return here.map(([, request]) => request);
  }

  /** The places that got a request, except ECR. */
  get asked(): readonly Place[] {
    return [...new Set(this.#requests.map(([place]) => place))].filter((place) => place !== 'ecr');
  }

  get keysAtEcr(): readonly string[] {
    return this.requests('ecr').map(({ accessKeyId }) => accessKeyId);
  }

  /** The role whose session has this access key. */
  roleOf(accessKeyId: string): string | undefined {
    return this.aws.sessionOf(accessKeyId)?.roleArn;
  }

  async stop(): Promise<void> {
    this.forget();
    this.#restore();
    rmSync(this.folder, { recursive: true });
    await this.aws.stop();
  }

  #answer(request: AwsRequest): Outcome | undefined {
    const place = placeOf(request);
    this.#requests.push([place, request]);
    const scripted = this.scripts[place]?.(request);
    if (scripted !== undefined) return scripted;
    if (place === 'sts') return this.trust.judge(request);
    if (place === 'agent') return answerAsAgent(request, this.podTokens);
    return place === 'imds' ? answerAsMetadata(request) : undefined;
  }

  #variables(): Readonly<Record<Source, Readonly<Record<string, string>>>> {
    return {
      environment: {
        AWS_ACCESS_KEY_ID: KEY_OF_ENVIRONMENT,
        AWS_SECRET_ACCESS_KEY: 'secret',
      },
      webIdentity: {
        AWS_ROLE_ARN: ROLE_OF_POD,
        AWS_WEB_IDENTITY_TOKEN_FILE: this.path('web-identity-token'),
      },
      podIdentity: {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${this.aws.url}/v1/credentials`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: this.path('pod-token'),
      },
      instanceProfile: {
        AWS_EC2_METADATA_DISABLED: 'false',
        AWS_EC2_METADATA_SERVICE_ENDPOINT: this.aws.url,
      },
    };
  }

  #newMinter(timeouts: AwsTimeouts, wire?: AwsWire): EcrTokenMinter {
    const clockOffset = (offsetMs: number): number => this.offsets.push(offsetMs);
    const environment = process.env;
    return new EcrTokenMinter({ clock: systemClock, environment, timeouts, wire, clockOffset });
  }
}

function placeOf({ service, url }: AwsRequest): Place {
  if (service === 'ecr' || service === 'sts') return service;
  return new URL(url).pathname.startsWith('/latest/') ? 'imds' : 'agent';
}

/** An identity as a profile would define it. */
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
