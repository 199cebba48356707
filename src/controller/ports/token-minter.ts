/** Where tokens come from. */
import type { Identity } from '../../domain/identity.ts';
import type { RegistryToken } from '../../domain/token/registry-token.ts';

/** Asks AWS. One call per `mint`, no retries, bounded in time. */
export interface TokenMinter {
  /** Throws a `ControllerError` that names the cause and the fix. */
  mint(identity: Identity, signal: AbortSignal): Promise<RegistryToken>;
  /** Frees what it keeps for an identity, such as connections, if it keeps anything. It may be minted for again. */
  forget?(identityHash: string): void;
}
