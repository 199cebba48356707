/** That the credentials themselves could not be had, so that STS is not mistaken for ECR. Never leaves `aws/`. */
import type { CredentialSource } from '../domain/identity.ts';

/** Which step on the way to the credentials. */
export type CredentialStep = CredentialSource['kind'] | 'assumedRole';

export class CredentialsFailure extends Error {
  readonly step: CredentialStep;
  /** The step, or who was asked last, in words without any name of a role. */
  readonly provider: string;

  constructor(cause: unknown, step: CredentialStep, provider: string) {
    super('getting AWS credentials', { cause });
    this.step = step;
    this.provider = provider;
  }
}
