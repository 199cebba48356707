/** The answer of the token store: always at once. */
import type { ControllerError } from '../../domain/errors.ts';
import type { RegistryToken } from '../../domain/token/registry-token.ts';

/** What there is for a need at the moment when it is asked for. */
export type Taken = { readonly kind: 'token'; readonly token: RegistryToken } | NoToken;

export type NoToken = {
  /** When to ask again at the latest. */
  readonly until: Date;
  /** Why the last attempt gave no token; `undefined`: none has failed since the last success. */
  readonly failure: ControllerError | undefined;
} & (
  | {
      /** AWS is being asked. */
      readonly kind: 'minting';
      /** Resolves when that has ended, one way or the other: the time to ask again. Never rejects. */
      readonly settled: Promise<void>;
    }
  | {
      /** Nobody may ask AWS before `until`. */
      readonly kind: 'blocked';
    }
);
