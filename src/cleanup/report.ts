/** What `cleanup` has done, and what is left. */

export interface CleanupReport {
  readonly ending: Ending;
  readonly deletedSecrets: number;
  /** ServiceAccounts that our reference was removed from. */
  readonly detachedServiceAccounts: number;
  /** How many namespaces were changed. */
  readonly namespaces: number;
  /** Every Secret of our name that still exists. */
  readonly left: readonly Leftover[];
  /** Whether a person asked for their removal too: nothing shows who added them. */
  readonly removesOrphanedReferences: boolean;
  readonly detachedOrphanedReferences: number;
  /** ServiceAccounts that still name our Secret where there is none, or nobody's. */
  readonly orphanedReferences: readonly OrphanedReference[];
  readonly lease: LeaseFate;
  /** A shell command that lists the Pods that name our Secret. */
  readonly podsCommand: string;
  /** The command that resumes the controller; absent if nothing is paused. */
  readonly resume?: string;
}

/** A report without the commands for people. */
export type Findings = Omit<CleanupReport, 'podsCommand' | 'resume'>;

/** `created`: created only for the pause, to be deleted; `kept`: of an installation, paused unless nothing was done. */
export type LeaseFate = 'kept' | 'created' | 'deleted';

export type Ending =
  | { readonly kind: 'done' }
  /** Nothing was done, because it was not confirmed. The ServiceAccounts are those that would be detached. */
  | { readonly kind: 'dryRun'; readonly attachedServiceAccounts: number }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly why: string };

/**
 * Why a Secret still exists, and whether it is ours, so that the cleanup is not complete.
 *
 * @internal Exported for the test that holds the documents to it.
 */
export const LEFTOVER_KINDS = {
  /** Ours to delete, and not reached. */
  pending: true,
  /** Ours to delete, and the deletion failed. */
  failed: true,
  /** Has our label but not our Apply entry: ours to refresh, but nothing proves that it is ours to delete. */
  unproven: true,
  /** Deleted, but kept by somebody else's finalizer. */
  terminating: true,
  /** Deleted, and created again by somebody. */
  recreated: true,
  /** Is being deleted with its namespace, or already gone. */
  namespaceTerminating: false,
  /** RBAC gives the same answer for it as for a namespace that is gone, or something is too large to be read. */
  unknown: false,
  /** Has our label but not our Apply entry, in a namespace that is not opted in: nobody's. */
  unclaimed: false,
  foreign: false,
} as const;

export type LeftoverKind = keyof typeof LEFTOVER_KINDS;

export interface Leftover {
  readonly namespace: string;
  readonly secret: string;
  readonly kind: LeftoverKind;
  readonly message: string;
  readonly fix?: string;
}

export interface OrphanedReference {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly secret: string;
  /** Why it is still there although it was to be removed. */
  readonly message?: string;
  readonly fix: string;
}

export function isOurs({ kind }: Leftover): boolean {
  return LEFTOVER_KINDS[kind];
}

type Rest = Pick<CleanupReport, 'left' | 'orphanedReferences' | 'removesOrphanedReferences'>;

/** Whether nothing is left of what was to be removed. */
export function isClean({ left, orphanedReferences, removesOrphanedReferences }: Rest): boolean {
  return !left.some(isOurs) && !(removesOrphanedReferences && orphanedReferences.length > 0);
}

/** 0 if nothing of ours is left, whether anything was there or not; 2 if it was not confirmed; 130 after Ctrl-C. */
export function exitCodeOf(report: Findings): number {
  const { ending } = report;
  if (ending.kind === 'interrupted') return 130;
  if (ending.kind === 'failed') return 1;
  if (isClean(report)) return 0;
  return ending.kind === 'dryRun' ? 2 : 1;
}

/** Counts what has been done so far, for the report. */
export class Tally {
  readonly #namespaces = new Set<string>();
  #deletedSecrets = 0;
  #detached = 0;
  #detachedOrphans = 0;

  get counts() {
    return {
      deletedSecrets: this.#deletedSecrets,
      detachedServiceAccounts: this.#detached,
      namespaces: this.#namespaces.size,
      detachedOrphanedReferences: this.#detachedOrphans,
    };
  }

  deleted(namespace: string): void {
    this.#deletedSecrets += 1;
    this.#namespaces.add(namespace);
  }

  /** For a ServiceAccount that referenced an existing Secret of ours. */
  detached(namespace: string): void {
    this.#detached += 1;
    this.#namespaces.add(namespace);
  }

  /** For a ServiceAccount whose reference was orphaned. */
  detachedOrphan(namespace: string): void {
    this.#detachedOrphans += 1;
    this.#namespaces.add(namespace);
  }
}
