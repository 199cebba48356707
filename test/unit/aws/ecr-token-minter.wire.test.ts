/** The real SDK over the simulated AWS: every answer has the same outcome in process and over HTTP. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EcrTokenMinter } from '../../../src/aws/ecr-token-minter.ts';
import { ControllerError, renderError } from '../../../src/domain/errors.ts';
import { type EcrMode, JUNK_KINDS, type StsMode } from '../../../simulator/aws/aws-modes.ts';
import type { SimulatedAws } from '../../../simulator/aws/simulated-aws.ts';
import { tokenNumberOf } from '../../../simulator/aws/token-password.ts';
import { tokenAnswer } from '../../support/aws/answers.ts';
import { GIVEN, openMinter } from '../../support/aws/open-minter.ts';
import { useAwsEnvironment } from '../../support/aws/aws-environment.ts';
import { anIdentity } from '../../support/values/builders.ts';
import { holdsCanary } from '../../support/suite/canary.ts';
import { FakeAws } from '../../support/aws/fake-aws.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import { systemClock } from '../../../src/base/system-clock.ts';

const identity = anIdentity('default', { hash: 'a'.repeat(64) });
const timeouts = { connectionMs: 200, requestMs: 200, credentialsMs: 200 };
const keys = { AWS_ACCESS_KEY_ID: 'AKIASIMULATED', AWS_SECRET_ACCESS_KEY: 'secret' };
const never = new AbortController().signal;

/** A simulated AWS with a minter over it. */
interface Setup {
  readonly aws: SimulatedAws;
  readonly minter: EcrTokenMinter;
  /** Lets time pass until the call has ended. */
  readonly ended: <T>(call: Promise<T>) => Promise<T>;
  readonly stop: () => void | Promise<void>;
}

let restore: () => void;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulated-aws-'));
});
afterEach(() => {
  restore();
  rmSync(folder, { recursive: true });
});

/** With the credentials that the environment names. */
function inProcess() {
  restore = useAwsEnvironment(keys);
  const parts = { environment: process.env, credentials: undefined, timeouts };
  const { clock, aws, minter } = openMinter(parts, new VirtualClock({ start: new Date() }));
  const ended: Setup['ended'] = (call) => passTime(clock, call);
  return { clock, aws, minter, ended, stop: () => undefined };
}

async function overHttp(): Promise<Setup> {
  const aws = await FakeAws.start();
  restore = useAwsEnvironment({
    ...keys,
    AWS_ENDPOINT_URL_ECR: aws.url,
    AWS_ENDPOINT_URL_STS: aws.url,
  });
  const minter = new EcrTokenMinter({ clock: systemClock, environment: process.env, timeouts });
  return { aws, minter, ended: (call) => call, stop: () => aws.stop() };
}

/** Credentials as IRSA provides them, for another account than the keys. */
function useWebIdentity(): void {
  const file = join(folder, 'token');
  writeFileSync(file, 'web.identity.token');
  delete process.env['AWS_ACCESS_KEY_ID'];
  delete process.env['AWS_SECRET_ACCESS_KEY'];
  Object.assign(process.env, {
    AWS_ROLE_ARN: 'arn:aws:iam::210987654321:role/puller',
    AWS_WEB_IDENTITY_TOKEN_FILE: file,
  });
}

/** In steps of 10 ms. Each takes some real time too, in which the SDK may load a part of itself. */
async function passTime<T>(clock: VirtualClock, call: Promise<T>): Promise<T> {
  const progress = { isEnded: false };
  const watched = call.finally(() => {
    progress.isEnded = true;
  });
  watched.catch(() => undefined);
  for (let step = 0; step < 3_000 && !progress.isEnded; step++) {
    await clock.advance(10);
    await pause(1);
  }
  if (!progress.isEnded) throw new Error('the call has not ended');
  return watched;
}

/** The outcome of a mint: the code of its error with AWS’s name for it, or the assumed lifetime if its expiry was not believed. */
async function outcomeOf({ minter, ended }: Setup): Promise<string> {
  try {
    const token = await ended(minter.mint(identity, never));
    const lifeMs = token.expiresAt.getTime() - token.mintedAt.getTime();
    return token.expiryTrusted ? 'token' : `token for ${lifeMs / 60_000} min`;
  } catch (error) {
    if (!(error instanceof ControllerError)) throw error;
    if (holdsCanary(renderError(error))) return 'a leak';
    const [, name = ''] = /\((\w+)Exception\b/.exec(error.message) ?? [];
    return `${error.code} ${name}`.trim();
  }
}

const ECR_OUTCOMES: readonly (readonly [EcrMode, string])[] = [
  [{ kind: 'ok' }, 'token'],
  [{ kind: 'throttle' }, 'ECR_THROTTLED Throttling'],
  [{ kind: 'server-error' }, 'ECR_UNAVAILABLE Server'],
  [{ kind: 'deny' }, 'ECR_ACCESS_DENIED AccessDenied'],
  [{ kind: 'expired-credentials' }, 'AWS_CREDENTIALS_EXPIRED ExpiredToken'],
  [{ kind: 'unknown-key' }, 'ECR_WRONG_REGION UnrecognizedClient'],
  [{ kind: 'hang' }, 'ECR_TIMEOUT'],
  [{ kind: 'cut' }, 'ECR_UNAVAILABLE'],
  [{ kind: 'expiry', expiresAt: 'missing' }, 'token for 60 min'],
  [{ kind: 'expiry', expiresAt: 'past' }, 'token for 60 min'],
  [{ kind: 'expiry', expiresAt: 'far' }, 'token for 60 min'],
  [{ kind: 'expiry', expiresAt: 'text' }, 'ECR_INVALID_ANSWER'],
  ...JUNK_KINDS.map((junk) => [{ kind: 'junk', junk }, 'ECR_INVALID_ANSWER'] as const),
];

const STS_OUTCOMES: readonly (readonly [StsMode['kind'], string])[] = [
  ['ok', 'token'],
  ['throttle', 'AWS_CREDENTIALS_THROTTLED'],
  ['server-error', 'AWS_CREDENTIALS_UNAVAILABLE'],
  ['deny', 'AWS_CREDENTIALS_DENIED'],
  ['expired-credentials', 'AWS_CREDENTIALS_EXPIRED ExpiredToken'],
  ['unknown-key', 'AWS_CREDENTIALS_DENIED InvalidIdentityToken'],
  ['hang', 'AWS_CREDENTIALS_TIMEOUT'],
  ['cut', 'AWS_CREDENTIALS_UNAVAILABLE'],
];

describe.each([
  ['in process', inProcess],
  ['over HTTP', overHttp],
] as const)('EcrTokenMinter on the simulated AWS %s', (_, open) => {
  let setup: Setup;

  beforeEach(async () => {
    setup = await open();
  });
  afterEach(async () => {
    setup.minter.close();
    await setup.stop();
  });

  it('mints numbered tokens that AWS accepts until they expire', async () => {
    const { aws, minter, ended } = setup;
    aws.tokenLifeMs = 3_600_000;
    await ended(minter.mint(identity, never));
    const token = await ended(minter.mint(identity, never));

    const authorization = token.authorization.reveal();
    expect(atob(authorization)).toMatch(/^AWS:/);
    expect(authorization.length).toBeGreaterThan(2_400);
    expect(tokenNumberOf(atob(authorization).slice('AWS:'.length))).toBe(2);
    expect(token.ownRegistry).toBe('123456789012.dkr.ecr.eu-west-1.amazonaws.com');
    expect(token.expiresAt.getTime()).toBeGreaterThanOrEqual(token.mintedAt.getTime() + 3_600_000);
    expect(aws.isLive(2, new Date(token.expiresAt.getTime() - 1))).toBe(true);
    expect(aws.isLive(2, token.expiresAt)).toBe(false);
    expect(aws.isLive(3, token.mintedAt)).toBe(false);
    expect(aws.calls).toMatchObject(
      [1, 2].map(() => ({
        service: 'ecr',
        action: 'GetAuthorizationToken',
        region: 'eu-west-1',
        accessKeyId: keys.AWS_ACCESS_KEY_ID,
        mode: 'ok',
      })),
    );
  });

  it.each(ECR_OUTCOMES)('maps %j from ECR to %s', async (mode, outcome) => {
    setup.aws.ecrMode = mode;

    expect(await outcomeOf(setup)).toBe(outcome);
    expect(setup.aws.tokensMinted).toBe(mode.kind === 'ok' || mode.kind === 'expiry' ? 1 : 0);
  });

  it.each(STS_OUTCOMES)('maps %s from STS to %s', async (kind, outcome) => {
    useWebIdentity();
    setup.aws.stsMode = { kind };

    expect(await outcomeOf(setup)).toBe(outcome);
    const [first, ...others] = setup.aws.calls;
    expect(first).toMatchObject({ action: 'AssumeRoleWithWebIdentity', mode: kind });
    expect(others.map(({ service }) => service)).toEqual(kind === 'ok' ? ['ecr'] : []);
  });

  it('mints a token for the account whose role a web identity assumes', async () => {
    useWebIdentity();

    const token = await setup.ended(setup.minter.mint(identity, never));

    expect(token.ownRegistry).toBe('210987654321.dkr.ecr.eu-west-1.amazonaws.com');
    expect(setup.aws.calls.map(({ accessKeyId }) => accessKeyId)).toEqual([
      '',
      expect.stringMatching(/^ASIAFAKE/),
    ]);
  });

  it('mints a token for the account at the end of a chain of roles', async () => {
    const config = join(folder, 'config');
    writeFileSync(
      config,
      `[profile first]\nrole_arn = arn:aws:iam::111111111111:role/first\ncredential_source = Environment\n` +
        `[profile second]\nrole_arn = arn:aws:iam::222222222222:role/second\nsource_profile = first\n`,
    );
    Object.assign(process.env, { AWS_CONFIG_FILE: config, AWS_PROFILE: 'second' });

    const token = await setup.ended(setup.minter.mint(identity, never));

    expect(token.ownRegistry).toBe('222222222222.dkr.ecr.eu-west-1.amazonaws.com');
    const [first, second, third] = setup.aws.calls;
    expect(first).toMatchObject({ action: 'AssumeRole', accessKeyId: keys.AWS_ACCESS_KEY_ID });
    expect(second).toMatchObject({ action: 'AssumeRole', accessKeyId: 'ASIAFAKE000000000001' });
    expect(third).toMatchObject({ service: 'ecr', accessKeyId: 'ASIAFAKE000000000002' });
  });

  it('is aborted by its caller while AWS is silent', async () => {
    setup.aws.ecrMode = { kind: 'hang' };
    const leaving = new AbortController();
    const call = setup.minter.mint(identity, leaving.signal);
    leaving.abort();

    await expect(setup.ended(call)).rejects.toMatchObject({ code: 'ECR_TIMEOUT' });
  });
});

describe('EcrTokenMinter over a wire', () => {
  let offsets: number[];
  let { clock, aws, minter } = openMinter();

  beforeEach(() => {
    offsets = [];
    // The machine’s own AWS settings must not matter here.
    restore = useAwsEnvironment({ AWS_PROFILE: 'missing', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
    const clockOffset = (offsetMs: number): number => offsets.push(offsetMs);
    ({ clock, aws, minter } = openMinter({ environment: process.env, clockOffset }));
  });

  it('waits only for AWS, and uses only the given credentials', async () => {
    aws.latencyMs = 700;
    const start = clock.now().getTime();
    let mintedAfterMs: number | undefined;
    void minter.mint(identity, never).then(() => {
      mintedAfterMs = clock.now().getTime() - start;
    });

    await clock.advance(699);
    expect(mintedAfterMs).toBeUndefined();
    await clock.advance(1);

    expect(mintedAfterMs).toBe(700);
    expect(aws.calls).toMatchObject([{ accessKeyId: GIVEN.accessKeyId, at: new Date(start) }]);
    expect(clock.pending).toBe(0);
  });

  it('does not believe an expiry that is past when the answer comes', async () => {
    aws.latencyMs = aws.tokenLifeMs = 700;
    const minting = minter.mint(identity, never);
    await clock.advance(700);

    expect((await minting).expiryTrusted).toBe(false);
  });

  it('waits on the given clock for a silent AWS, and leaves nothing behind', async () => {
    aws.ecrMode = { kind: 'hang' };
    let code: unknown;
    minter.mint(identity, never).catch((error: ControllerError) => {
      code = error.code;
    });

    await clock.advance(4_999);
    expect(code).toBeUndefined();
    await clock.advance(1);

    expect(code).toBe('ECR_TIMEOUT');
    expect(clock.pending).toBe(0);
  });

  it('gets new credentials if AWS says that those of a role have expired', async () => {
    restore();
    const simulated = inProcess();
    useWebIdentity();
    await simulated.ended(simulated.minter.mint(identity, never));
    // The SDK uses the machine’s clock, and treats a session of an hour ago as live.
    await simulated.clock.advance(3_600_000);
    await simulated.ended(simulated.minter.mint(identity, never));

    const { calls, tokensMinted } = simulated.aws;
    const assumed = 'AssumeRoleWithWebIdentity';
    const minted = 'GetAuthorizationToken';
    expect(calls.map(({ action }) => action)).toEqual([assumed, minted, minted, assumed, minted]);
    expect(tokensMinted).toBe(2);
  });

  it('learns from AWS how far its clock is ahead', async () => {
    await minter.mint(identity, never);
    const date = new Date(clock.now().getTime() + 600_000).toUTCString();
    aws.script = () => ({ ...tokenAnswer({}), headers: { date } });
    await minter.mint(identity, never);

    expect(offsets).toEqual([0, 600_000]);
  });
});
