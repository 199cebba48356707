/** Errors that never leave `aws/`: what a source of credentials reports, and that there are no credentials. */
import type { CredentialSource } from '../../domain/identity.ts';
import type { ErrorKind } from './error-kind.ts';

interface Facts {
  /** Needed if the name, the status or the system code does not show it. */
  readonly kind?: ErrorKind;
  /** The service's name for it. */
  readonly name?: string | undefined;
  readonly httpStatus?: number;
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/** In the shape of an SDK error, for requests that we send ourselves. Its text may hold what the service answered. */
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

/** A step on the way to the credentials. */
export type CredentialStep = CredentialSource['kind'] | 'assumedRole';

/** There are no credentials. Distinguishes a failure of STS from one of ECR. */
export class CredentialsFailure extends Error {
  readonly step: CredentialStep;
  /** The step, or the provider that was asked last, in words without the name of a role. */
  readonly provider: string;

  constructor(cause: unknown, step: CredentialStep, provider: string) {
    super('getting AWS credentials', { cause });
    this.step = step;
    this.provider = provider;
  }
}
