/** What a plan is made from and made of. */
import type { Condition } from '../eligibility/conditions.ts';
import type {
  ObservedNamespace,
  PullSecretRecord,
  ServiceAccountRecord,
} from '../state/observed.ts';
import type { Profile, Settings } from '../settings.ts';
import type { TokenNeed } from '../token/token-need.ts';
import type { TokenRecord } from '../state/token-record.ts';

export interface PlanInput {
  readonly observed: ObservedNamespace;
  readonly settings: Settings;
  /** The name that our Secret has in every namespace. */
  readonly secretName: string;
  readonly now: Date;
  /** When this process first saw the open request in `refresh-requested-at`; `undefined`: it never saw it open. */
  readonly refreshRequestSeenAt: Date | undefined;
  /** False while the brake is engaged: what is due for removal is kept fresh instead. */
  readonly removalAllowed: boolean;
  /** False while somebody keeps undoing our bookkeeping on the Secret: it must not keep back what needs a write. */
  readonly bookkeepingAllowed: boolean;
}

export interface Plan {
  /** Independent of each other: they may be carried out at the same time. At most one for the Secret and for each ServiceAccount. */
  readonly steps: readonly Step[];
  /** What a person should know; present for as long as it is so. */
  readonly conditions: readonly Condition[];
  /** When something falls due without anybody touching the cluster. */
  readonly recheckAt: Date | undefined;
}

export type Step =
  WriteSecretStep | AnnotateSecretStep | DeleteSecretStep | AttachStep | DetachStep;

/** Write the whole Secret with tokens for these grants, beside what is carried over from it. */
export interface WriteSecretStep {
  readonly kind: 'writeSecret';
  readonly reason:
    | 'missing'
    | 'restored'
    | 'tampered'
    | 'profileWithdrawn'
    | 'profilesChanged'
    | 'refreshRequested'
    | 'due';
  /** Those that the namespace may use. */
  readonly profiles: readonly Profile[];
  /** Every grant of these profiles. */
  readonly grants: readonly GrantNeed[];
  /** Entries of profiles that can't be used now: they stay as they are, and get no new token. */
  readonly carried: readonly TokenRecord[];
  /** Entries of identities that `profiles` no longer have: they stay only while the new ones get no token. */
  readonly replaced: readonly TokenRecord[];
  /** Entries go without a token coming in their place. */
  readonly drops: boolean;
  /** The profiles whose entries go because the namespace may not use them any more: a removal. */
  readonly withdrawn: readonly string[];
  readonly refreshRequestedAt: string | undefined;
  readonly existing: PullSecretRecord | undefined;
}

/** One entry of the Secret: the token that it needs, and what stands there now. */
export interface GrantNeed extends TokenNeed {
  /** What the Secret holds of this very grant, and would keep where no token is to be had. */
  readonly record: TokenRecord | undefined;
  /** The Secret's own entry is good: of the right registries, not due, and as new as an open request asks for. */
  readonly isRecordEnough: boolean;
  /** The write is for this one's sake; for the others a token is asked for when such a one has been got. */
  readonly isUrgent: boolean;
}

/** Bookkeeping on the Secret that needs no token. */
export interface AnnotateSecretStep {
  readonly kind: 'annotateSecret';
  readonly reason: 'removalStamped' | 'removalCleared' | 'labelsStripped' | 'dataAdded';
  readonly existing: PullSecretRecord;
  /** `undefined`: left as it is; `null`: cleared. */
  readonly removalDueAt: string | null | undefined;
}

export type RemovalReason = 'optedOut' | 'profileWithdrawn';

interface DeleteSecretStep {
  readonly kind: 'deleteSecret';
  readonly reason: RemovalReason;
  readonly existing: PullSecretRecord;
}

interface AttachStep {
  readonly kind: 'attach';
  readonly reason: 'notAttached' | 'duplicated';
  readonly account: ServiceAccountRecord;
}

interface DetachStep {
  readonly kind: 'detach';
  /** `notListed` is a change of the list; the others are steps of a removal. */
  readonly reason: 'notListed' | RemovalReason;
  readonly account: ServiceAccountRecord;
}
