/** What AWS gives for a registry login, and for which identity it was given. */
import type { SecretText } from './secret-text.ts';

/** Who asks AWS, and where: tokens are shared between everything that has the same identity. */
export interface Identity {
  /** SHA-256 (hex) of source, assumed role and region as configured: the stored format of the `tokens` annotation. */
  readonly hash: string;
  readonly source: 'auto';
  readonly region: string;
}

export interface RegistryToken {
  readonly identity: Identity;
  /** base64("AWS:" + password): the `auth` of a dockerconfigjson entry. */
  readonly authorization: SecretText;
  /** When the call that gave it was sent. */
  readonly mintedAt: Date;
  readonly expiresAt: Date;
  /** False where the answer's expiry could not be believed and `expiresAt` is our own cautious guess. */
  readonly expiryTrusted: boolean;
  /** The registry that the answer names: the caller's own account in the identity's region. */
  readonly ownRegistry: string;
}
