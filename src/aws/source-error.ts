/** What a source of credentials that we ask ourselves says or fails to say, in the shape of an error of the SDK. */
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

/** Its text may hold what the service said, and stays in `aws/`. */
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
