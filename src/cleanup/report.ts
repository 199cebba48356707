/** What `cleanup` has done, and what is left. */

export interface CleanupReport {
  readonly ending: Ending;
  readonly deletedSecrets: number;
  /** ServiceAccounts that our entry was taken out of. */
  readonly detachedServiceAccounts: number;
  /** In which something was done. */
  readonly namespaces: number;
  /** Every Secret of our name that is still there. */
  readonly left: readonly Leftover[];
  /** Whether a person has asked for those to go too: nothing says who wrote them. */
  readonly takesOrphanedReferences: boolean;
  readonly detachedOrphanedReferences: number;
  /** ServiceAccounts that name our Secret where there is none, and still do. */
  readonly orphanedReferences: readonly OrphanedReference[];
  readonly lease: LeaseFate;
  /** Lists the Pods that name our Secret. */
  readonly podsCommand: string;
  /** What lets a controller go on; absent where nothing keeps it from that. */
  readonly resume?: string;
}

/** A report without the lines that are for people to go on with. */
export type Findings = Omit<CleanupReport, 'podsCommand' | 'resume'>;

/** `made`: there for the mark alone, and to go; `kept`: of an installation, and still marked unless nothing was done. */
export type LeaseFate = 'kept' | 'made' | 'deleted';

export type Ending =
  | { readonly kind: 'done' }
  /** Nothing was done, as it was not confirmed. The ServiceAccounts are those that would be detached. */
  | { readonly kind: 'dryRun'; readonly attachedServiceAccounts: number }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly why: string };

/**
 * Why it is there, and whether it is ours: what a cleanup is for.
 *
 * @internal Exported for the test that holds the documents to it.
 */
export const LEFTOVER_KINDS = {
  /** Ours to delete, and not got to. */
  pending: true,
  /** Ours to delete, and the deletion failed. */
  failed: true,
  /** Bears our label but not our Apply entry: ours to refresh, and no proof that it is ours to delete. */
  unproven: true,
  /** Deleted, and held by somebody's finalizer. */
  held: true,
  /** Deleted, and there again. */
  madeAnew: true,
  /** Goes with its namespace, or is gone. */
  namespaceGoing: false,
  /** Neither it nor its namespace may be looked at: RBAC gives the same answer for a namespace that is gone. */
  unknown: false,
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
  /** Why it is still there, where it was to go. */
  readonly message?: string;
  readonly fix: string;
}

export function isOurs({ kind }: Leftover): boolean {
  return LEFTOVER_KINDS[kind];
}

type Rest = Pick<CleanupReport, 'left' | 'orphanedReferences' | 'takesOrphanedReferences'>;

/** Whether nothing is left of what was to go. */
export function isClean({ left, orphanedReferences, takesOrphanedReferences }: Rest): boolean {
  return !left.some(isOurs) && !(takesOrphanedReferences && orphanedReferences.length > 0);
}

/** 0 where nothing of ours is left, whether it was there or not; 2 where it was not confirmed; 130 after Ctrl-C. */
export function exitCodeOf(report: Findings): number {
  const { ending } = report;
  if (ending.kind === 'interrupted') return 130;
  if (ending.kind === 'failed') return 1;
  if (isClean(report)) return 0;
  return ending.kind === 'dryRun' ? 2 : 1;
}

/** What has been done so far, for the report. */
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

  /** A ServiceAccount named our Secret. */
  detached(namespace: string): void {
    this.#detached += 1;
    this.#namespaces.add(namespace);
  }

  /** A ServiceAccount named a Secret that was not there. */
  detachedOrphan(namespace: string): void {
    this.#detachedOrphans += 1;
    this.#namespaces.add(namespace);
  }
}
