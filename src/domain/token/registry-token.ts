/** What AWS gives for a registry login, and for which identity it was given. */
import type { Identity } from '../identity.ts';
import type { SecretText } from '../secret-text.ts';

export interface RegistryToken {
  readonly identity: Identity;
  /** base64("AWS:" + password): the `auth` of a dockerconfigjson entry. */
  readonly authorization: SecretText;
  /** When the call that gave it was sent. */
  readonly mintedAt: Date;
  readonly expiresAt: Date;
  /** False where the answer's expiry could not be believed and `expiresAt` is our own cautious guess. */
  readonly expiryTrusted: boolean;
  /** The registry that the answer names: the caller's own account in the identity's region; for ECR Public its host. */
  readonly ownRegistry: string;
}
