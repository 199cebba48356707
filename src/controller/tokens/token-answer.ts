/** The answer of the token store, which always comes at once. */
import type { ControllerError } from '../../domain/errors.ts';
import type { RegistryToken } from '../../domain/token/registry-token.ts';

/** What is available for a need at the moment. */
export type TokenAnswer = { readonly kind: 'token'; readonly token: RegistryToken } | NoToken;

export type NoToken = {
  /** When to ask again at the latest. */
  readonly until: Date;
  /** Why the last attempt gave no token; `undefined`: none has failed since the last success. */
  readonly failure: ControllerError | undefined;
} & (
  | {
      /** A mint is under way. */
      readonly kind: 'minting';
      /** Resolves when the mint has ended, whether it succeeded or not: the time to ask again. Never rejects. */
      readonly settled: Promise<void>;
    }
  | {
      /** No mint may begin before `until`. */
      readonly kind: 'blocked';
    }
);
