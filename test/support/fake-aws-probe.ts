/** In the place of AWS for the doctor: answers by identity or host as it is told, and keeps count. */
import type { AwsProbe, RegistryAnswer } from '../../src/aws/aws-probe.ts';
import type { CallerAnswer } from '../../src/aws/caller-identity.ts';
import type { Identity } from '../../src/domain/identity.ts';
import type { RegistryToken } from '../../src/domain/registry-token.ts';
import { SecretText } from '../../src/domain/secret-text.ts';
import { CANARY } from './canary.ts';
import type { FakeClock } from './fake-clock.ts';

const HALF_DAY_MS = 43_200_000;
export const CALLER = 'arn:aws:sts::123456789012:assumed-role/pull/session';

export class FakeAwsProbe implements AwsProbe {
  /** Each question, such as `mint eu-west-1`. */
  readonly questions: string[] = [];
  caller: (identity: Identity) => CallerAnswer = () => ({
    kind: 'known',
    account: '123456789012',
    arn: CALLER,
  });
  /** Throws where no token is to be had; `hang`: no answer until the asker leaves. */
  token: (identity: Identity) => Partial<RegistryToken> | 'hang' = () => ({});
  registry: (host: string) => RegistryAnswer = () => ({ kind: 'status', status: 200 });
  offsetMs: number | undefined = 0;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  identify(identity: Identity): Promise<CallerAnswer> {
    this.questions.push(`identify ${identity.region}`);
    return Promise.resolve(this.caller(identity));
  }

  async mint(identity: Identity, signal: AbortSignal): Promise<RegistryToken> {
    this.questions.push(`mint ${identity.region}`);
    const told = this.token(identity);
    if (told === 'hang') {
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    }
    const mintedAt = this.#clock.now();
    return {
      identity,
      authorization: new SecretText(CANARY),
      mintedAt,
      expiresAt: new Date(mintedAt.getTime() + HALF_DAY_MS),
      expiryTrusted: true,
      ownRegistry: `123456789012.dkr.ecr.${identity.region}.amazonaws.com`,
      ...told,
    };
  }

  tryToken(host: string): Promise<RegistryAnswer> {
    this.questions.push(`try ${host}`);
    return Promise.resolve(this.registry(host));
  }

  clockOffsetMs(): number | undefined {
    return this.offsetMs;
  }

  close(): void {}
}
