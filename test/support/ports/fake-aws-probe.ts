/** The doctor's probe of AWS: gives scripted answers by identity or host, and records the questions. */
import type { AwsProbe, RegistryAnswer } from '../../../src/aws/aws-probe.ts';
import type { CallerAnswer } from '../../../src/aws/caller-identity.ts';
import type { Identity } from '../../../src/domain/identity.ts';
import type { RegistryToken } from '../../../src/domain/token/registry-token.ts';
import { CANARY } from '../suite/canary.ts';
import type { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import { FakeTokenMinter } from './fake-token-minter.ts';

export const CALLER = 'arn:aws:sts::123456789012:assumed-role/pull/session';

export class FakeAwsProbe extends FakeTokenMinter implements AwsProbe {
  /** Each question, for example `mint eu-west-1`. */
  readonly questions: string[] = [];
  caller: (identity: Identity) => CallerAnswer = () => ({
    kind: 'known',
    account: '123456789012',
    arn: CALLER,
  });
  registry: (host: string) => RegistryAnswer = () => ({ kind: 'status', status: 200 });
  offsetMs: number | undefined = 0;

  constructor(clock: VirtualClock) {
    super(clock, CANARY);
  }

  identify(identity: Identity): Promise<CallerAnswer> {
    this.questions.push(`identify ${identity.region}`);
    return Promise.resolve(this.caller(identity));
  }

  override mint(identity: Identity, signal: AbortSignal): Promise<RegistryToken> {
    this.questions.push(`mint ${identity.region}`);
    return super.mint(identity, signal);
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
