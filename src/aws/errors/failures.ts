/** Errors that never leave `aws/`: what a source of credentials says, and that it was credentials that could not be had. */
import type { CredentialSource } from '../../domain/identity.ts';
import type { ErrorKind } from './error-kind.ts';

interface Facts {
  /** Where the name, the status or the system's code would not tell. */
  readonly kind?: ErrorKind;
  /** What the service calls it. */
  readonly name?: string | undefined;
  readonly httpStatus?: number;
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/** In the shape of an error of the SDK, of what we ask ourselves. Its text may hold what the service said. */
export class SourceError extends Error {
  readonly kind: ErrorKind | undefined;
  readonly $metadata: { readonly httpStatusCode?: number; readonly requestId?: string };

  constructor(message: string, { kind, name, httpStatus, requestId, cause }: Facts) {
    super(message, { cause });
    this.name = name ?? 'Error';
    this.kind = kind;
    this.$metadata = {
      ...(httpStatus === undefined ? {} : { httpStatusCode: httpStatus }),
      ...(requestId === undefined ? {} : { requestId }),
    };
  }
}

/** Which step on the way to the credentials. */
export type CredentialStep = CredentialSource['kind'] | 'assumedRole';

/** That the credentials themselves could not be had, so that STS is not mistaken for ECR. */
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
