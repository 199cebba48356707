/** An ECR token, with the identity it was minted for. */
import type { Identity } from '../identity.ts';
import type { SecretText } from '../secret-text.ts';

export interface RegistryToken {
  readonly identity: Identity;
  /** base64("AWS:" + password): the `auth` of a dockerconfigjson entry. */
  readonly authorization: SecretText;
  /** When the call that minted it was sent. */
  readonly mintedAt: Date;
  readonly expiresAt: Date;
  /** False if the answer's expiry could not be believed: then `expiresAt` is our own cautious guess. */
  readonly expiryTrusted: boolean;
  /** The registry that the answer names: the caller's own account in the identity's region; for ECR Public its host. */
  readonly ownRegistry: string;
}
