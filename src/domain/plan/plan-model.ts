/** The input and the output of planning. */
import type { Condition } from '../eligibility/conditions.ts';
import type {
  ObservedNamespace,
  CachedPullSecret,
  CachedServiceAccount,
} from '../state/observed.ts';
import type { RemovalDue } from '../state/removal-due.ts';
import type { Settings } from '../settings.ts';
import type { EntryPlan } from './entry-plan.ts';
import type { WriteReason } from './write-reason.ts';

export interface PlanInput {
  readonly observed: ObservedNamespace;
  readonly settings: Settings;
  /** The name of our Secret, the same in every namespace. */
  readonly secretName: string;
  readonly now: Date;
  /** When this process first saw the open request in `refresh-requested-at`; `undefined`: it has seen none. */
  readonly refreshRequestSeenAt: Date | undefined;
  /** The due times that this leadership term has seen: what the plan before returned, and what was stamped since. */
  readonly removalSeen: RemovalDue | undefined;
  /** False while somebody keeps undoing our bookkeeping on the Secret: it must not hold back what needs a write. */
  readonly bookkeepingAllowed: boolean;
  /** Whether somebody keeps undoing our changes to the ServiceAccount with this UID: no removal waits for it. */
  readonly isContested: (uid: string) => boolean;
}

export interface Plan {
  /** Independent of each other, so they may run at the same time: at most one for the Secret and each ServiceAccount. */
  readonly steps: readonly Step[];
  /** What a person should know; in every plan for as long as it is true. */
  readonly conditions: readonly Condition[];
  /** What a person should know once, because nothing needs to be done about it here. */
  readonly notices: readonly Condition[];
  /** When to plan again even if nothing changes in the cluster; `undefined`: not before something does. */
  readonly requeueAt: Date | undefined;
  /** When what is due, whatever becomes of the stamp: to be passed to the next plan of the term. */
  readonly removalSeen: RemovalDue | undefined;
  /** Bookkeeping on the Secret that would come first but is not allowed now. */
  readonly withheld: readonly AnnotateSecretStep[];
  /** Set if the steps remove something: the plan to use while the brake is engaged, which keeps everything fresh instead. */
  readonly whileBraked?: Plan;
}

export type Step =
  WriteSecretStep | AnnotateSecretStep | DeleteSecretStep | AttachStep | DetachStep;

/** Writes the whole Secret, as `entries` says. */
export interface WriteSecretStep {
  readonly kind: 'writeSecret';
  readonly reason: WriteReason;
  readonly entries: readonly EntryPlan[];
  /** The hash of the profiles that the namespace may use. */
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
  /** `undefined`: left unchanged; `null`: cleared. */
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
  /** `notListed`: the list changed. The others are part of a removal. */
  readonly reason: 'notListed' | RemovalReason;
  readonly account: CachedServiceAccount;
}
