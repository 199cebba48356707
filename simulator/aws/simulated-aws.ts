/** A small in-process ECR, ECR Public, registry and STS on a given clock. It can fail and lie in every way we know of. */
import type { AwsWire, AwsWireRequest, AwsWireResponse } from '../../src/aws/network/aws-wire.ts';
import type { Clock } from '../../src/base/clock.ts';
import { ConnectionCut } from '../ground/connection-cut.ts';
import { readAwsRequest, type AwsRequest } from './aws-request.ts';
import type { AwsAnswer, EcrMode, Outcome, StsMode } from './aws-modes.ts';
import { answerWithToken, refuseAsEcr } from './ecr-answers.ts';
import { answerAsRegistry } from './registry-answers.ts';
import {
  answerWithIdentity,
  answerWithSession,
  isAssumption,
  newSession,
  refuseAsSts,
  type Session,
} from './sts-answers.ts';
import { waitFor } from '../ground/wait-for.ts';

export interface AwsCall extends Pick<AwsRequest, 'service' | 'action' | 'region' | 'accessKeyId'> {
  readonly at: Date;
  /** The mode that the service was in. */
  readonly mode: string;
}

/** A good token that was issued. */
export interface IssuedToken {
  /** 1 for the first. */
  readonly number: number;
  readonly service: 'ecr' | 'ecr-public';
  readonly account: string;
  readonly region: string;
  readonly mintedAt: Date;
  readonly expiresAt: Date;
}

export interface SimulatedAwsOptions {
  readonly clock: Clock;
  /** Contained in every password, so that a search for leaks finds it. */
  readonly marker: string;
  /** Default 12 hours. */
  readonly tokenLifeMs?: number | undefined;
  /** The account of callers that have assumed no role. Default 123456789012. */
  readonly account?: string;
}

const HALF_DAY_MS = 43_200_000;

/** Modes, token life and latency may be set at any time and take effect with the next request. */
export class SimulatedAws {
  ecrMode: EcrMode = { kind: 'ok' };
  ecrPublicMode: EcrMode = { kind: 'ok' };
  stsMode: StsMode = { kind: 'ok' };
  /** Sees each request first and decides its outcome; if it returns `undefined`, the mode decides. */
  script: (request: AwsRequest) => Outcome | undefined = () => undefined;
  tokenLifeMs: number;
  /** How long each answer takes; the request itself takes effect at once. */
  latencyMs = 0;
  readonly #clock: Clock;
  readonly #marker: string;
  readonly #account: string;
  readonly #calls: AwsCall[] = [];
  readonly #tokens: IssuedToken[] = [];
  readonly #sessions = new Map<string, Session>();

  constructor({ clock, marker, tokenLifeMs, account }: SimulatedAwsOptions) {
    this.#clock = clock;
    this.#marker = marker;
    this.tokenLifeMs = tokenLifeMs ?? HALF_DAY_MS;
    this.#account = account ?? '123456789012';
  }

  /** All calls so far, oldest first. */
  get calls(): readonly AwsCall[] {
    return [...this.#calls];
  }

  /** Good tokens issued so far, by number, including those with an implausible expiry. */
  get tokens(): readonly IssuedToken[] {
    return [...this.#tokens];
  }

  get tokensMinted(): number {
    return this.#tokens.length;
  }

  /** Whether ECR would accept the token at that time. */
  isLive(number: number, now: Date): boolean {
    const token = this.#tokens[number - 1];
    return token !== undefined && now < token.expiresAt;
  }

  /** The session of an assumed role, by its access key. */
  sessionOf(accessKeyId: string): Session | undefined {
    return this.#sessions.get(accessKeyId);
  }

  wire(): AwsWire {
    return { send: (request) => this.#send(request) };
  }

  async #send(request: AwsWireRequest): Promise<AwsWireResponse> {
    request.signal.throwIfAborted();
    const answer = this.#answer(readAwsRequest(request));
    const delayMs = answer === 'hang' ? Infinity : this.latencyMs;
    if (delayMs > 0) await waitFor(delayMs, this.#clock, request.signal);
    if (typeof answer === 'string') {
      throw new ConnectionCut('the connection was reset before the answer');
    }
    const { status, contentType = 'text/plain', body, headers } = answer;
    const date = this.#clock.now().toUTCString();
    return { status, headers: { 'content-type': contentType, date, ...headers }, body };
  }

  #answer(request: AwsRequest): Outcome {
    const { service, action } = request;
    const scripted = this.script(request);
    if (scripted !== undefined) {
      this.#record(request, 'scripted');
      return scripted;
    }
    if (service === 'registry') return this.#admit(request);
    if (service === 'ecr') return this.#answerForToken(request, service, this.ecrMode);
    if (service === 'ecr-public') return this.#answerForToken(request, service, this.ecrPublicMode);
    const mode = this.stsMode;
    this.#record(request, mode.kind);
    if (service === 'unknown') return { status: 501, body: `action not simulated: ${action}` };
    if (mode.kind === 'hang' || mode.kind === 'cut') return mode.kind;
    return mode.kind === 'ok' ? this.#identify(request) : refuseAsSts(mode.kind, action);
  }

  #answerForToken(request: AwsRequest, service: IssuedToken['service'], mode: EcrMode): Outcome {
    this.#record(request, mode.kind);
    if (mode.kind === 'hang' || mode.kind === 'cut') return mode.kind;
    if (mode.kind === 'ok' || mode.kind === 'expiry' || mode.kind === 'junk') {
      return this.#authorize(request, service, mode);
    }
    return refuseAsEcr(mode.kind, service);
  }

  #authorize(
    { region, accessKeyId }: AwsRequest,
    service: IssuedToken['service'],
    mode: EcrMode,
  ): AwsAnswer {
    const now = this.#clock.now();
    const session = this.#sessions.get(accessKeyId);
    if (session !== undefined && session.expiresAt <= now) {
      return refuseAsEcr('expired-credentials', service);
    }
    const account = session?.account ?? this.#account;
    const lifeMs = this.tokenLifeMs;
    if (mode.kind !== 'junk') {
      const expiresAt = new Date(now.getTime() + lifeMs);
      const number = this.#tokens.length + 1;
      this.#tokens.push({ number, service, account, region, mintedAt: now, expiresAt });
    }
    const facts = { service, number: this.#tokens.length, nowMs: now.getTime(), lifeMs };
    return answerWithToken({ ...facts, account, region, marker: this.#marker }, mode);
  }

  #admit(request: AwsRequest): Outcome {
    this.#record(request, 'ok');
    const now = this.#clock.now();
    return answerAsRegistry(
      request,
      (number, service) =>
        this.isLive(number, now) && this.#tokens[number - 1]?.service === service,
    );
  }

  #identify({ action, fields, accessKeyId }: AwsRequest): AwsAnswer {
    if (isAssumption(action)) {
      const session = newSession(fields, this.#sessions.size + 1, this.#clock.now());
      this.#sessions.set(session.accessKeyId, session);
      return answerWithSession(fields, session);
    }
    const account = this.#account;
    const nobody = { account, arn: `arn:aws:sts::${account}:assumed-role/fake/session` };
    return answerWithIdentity(fields, this.#sessions.get(accessKeyId) ?? nobody);
  }

  #record({ service, action, region, accessKeyId }: AwsRequest, mode: string): void {
    this.#calls.push({ at: this.#clock.now(), service, action, region, accessKeyId, mode });
  }
}
