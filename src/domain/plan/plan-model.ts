/** What a plan is made from and made of. */
import type { Condition } from '../eligibility/conditions.ts';
import type {
  ObservedNamespace,
  CachedPullSecret,
  CachedServiceAccount,
} from '../state/observed.ts';
import type { Settings } from '../settings.ts';
import type { EntryPlan } from './entry-plan.ts';
import type { WriteReason } from './write-reason.ts';

export interface PlanInput {
  readonly observed: ObservedNamespace;
  readonly settings: Settings;
  /** The name that our Secret has in every namespace. */
  readonly secretName: string;
  readonly now: Date;
  /** When this process first saw the open request in `refresh-requested-at`; `undefined`: it never saw it open. */
  readonly refreshRequestSeenAt: Date | undefined;
  /** False while somebody keeps undoing our bookkeeping on the Secret: it must not keep back what needs a write. */
  readonly bookkeepingAllowed: boolean;
}

export interface Plan {
  /** Independent of each other: they may be carried out at the same time. At most one for the Secret and for each ServiceAccount. */
  readonly steps: readonly Step[];
  /** What a person should know; present for as long as it is so. */
  readonly conditions: readonly Condition[];
  /** When something falls due without anybody touching the cluster. */
  readonly requeueAt: Date | undefined;
  /** Bookkeeping on the Secret that would come first, where it is not allowed. */
  readonly withheld: readonly AnnotateSecretStep[];
  /** Where the steps remove something: the plan while the brake is engaged. What is to go is kept fresh instead. */
  readonly whileBraked?: Plan;
}

export type Step =
  WriteSecretStep | AnnotateSecretStep | DeleteSecretStep | AttachStep | DetachStep;

/** Write the whole Secret: `entries` says what of it. */
export interface WriteSecretStep {
  readonly kind: 'writeSecret';
  readonly reason: WriteReason;
  readonly entries: readonly EntryPlan[];
  /** Of the profiles that the namespace may use. */
  readonly configHash: string;
  /** The request that the write satisfies, if every entry gets what its row asks for. */
  readonly refreshRequestedAt: string | undefined;
  readonly existing: CachedPullSecret | undefined;
}

/** Bookkeeping on the Secret that needs no token. */
export interface AnnotateSecretStep {
  readonly kind: 'annotateSecret';
  readonly reason: 'removalStamped' | 'removalCleared' | 'labelsStripped' | 'dataAdded';
  readonly existing: CachedPullSecret;
  /** `undefined`: left as it is; `null`: cleared. */
  readonly removalDueAt: string | null | undefined;
}

export type RemovalReason = 'optedOut' | 'profileWithdrawn';

interface DeleteSecretStep {
  readonly kind: 'deleteSecret';
  readonly reason: RemovalReason;
  readonly existing: CachedPullSecret;
}

interface AttachStep {
  readonly kind: 'attach';
  readonly reason: 'notAttached' | 'duplicated';
  readonly account: CachedServiceAccount;
}

interface DetachStep {
  readonly kind: 'detach';
  /** `notListed` is a change of the list; the others are steps of a removal. */
  readonly reason: 'notListed' | RemovalReason;
  readonly account: CachedServiceAccount;
}
