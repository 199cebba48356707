/** Decides why, and so whether, the Secret must be written now. */
import { configHash } from '../token/hashes.ts';
import type { Profile } from '../settings.ts';
import type { CachedPullSecret } from '../state/observed.ts';
import { type EntryPlan, isRenewal, withdrawnIn } from './entry-plan.ts';

export type WriteReason =
  Repair | 'profileWithdrawn' | 'profilesChanged' | 'refreshRequested' | 'due';

/** Pods may be waiting for these. */
type Repair = 'missing' | 'restored' | 'tampered';
const REPAIRS: readonly WriteReason[] = ['missing', 'restored', 'tampered'];

export interface WriteCauses {
  readonly entries: readonly EntryPlan[];
  /** The hash of the profiles as written in the configuration: see `configHashOf`. */
  readonly configHash: string;
  /** The namespace asks for a refresh that the Secret does not record as satisfied. */
  readonly isRequested: boolean;
}

/** The most important reason; `undefined` if the Secret is right as it is. */
export function writeReason(
  existing: CachedPullSecret | undefined,
  { entries, configHash: hash, isRequested }: WriteCauses,
): WriteReason | undefined {
  const repair = repairOf(existing);
  if (repair !== undefined) return repair;
  if (withdrawnIn(entries).length > 0) return 'profileWithdrawn';
  if (areOfOtherProfiles(entries) || isOfOtherConfig(existing, entries, hash)) {
    return 'profilesChanged';
  }
  const renewals = entries.filter(isRenewal);
  // The reasons below need new tokens.
  if (renewals.length === 0) return undefined;
  if (isRequested) return 'refreshRequested';
  const isDue = renewals.some(({ reason }) => reason === 'due' || reason === 'clockSetBack');
  return isDue ? 'due' : undefined;
}

/** What makes the Secret wrong, whatever profiles it should have. */
export function repairOf(existing: CachedPullSecret | undefined): Repair | undefined {
  if (existing === undefined) return 'missing';
  if (!existing.appliedByUs) return 'restored';
  return existing.tamperedWith.length > 0 || existing.tokens === undefined ? 'tampered' : undefined;
}

export function isRepair(reason: WriteReason): boolean {
  return REPAIRS.includes(reason);
}

export function configHashOf(profiles: readonly Profile[]): string {
  return configHash(Object.fromEntries(profiles.map(({ name, asWritten }) => [name, asWritten])));
}

/** Identities can change while the configuration file does not: the implied profile follows the process's region. */
function areOfOtherProfiles(entries: readonly EntryPlan[]): boolean {
  return entries.some(
    ({ verdict, reason }) =>
      verdict === 'drop' ||
      verdict === 'keepUntilRenewed' ||
      reason === 'missing' ||
      reason === 'registriesChanged',
  );
}

/** The recorded hash covers the profiles of its time, so it can't be compared if some of them can't be used now. */
function isOfOtherConfig(
  existing: CachedPullSecret | undefined,
  entries: readonly EntryPlan[],
  hash: string,
): boolean {
  const isKnown = entries.some(isRenewal) && entries.every(({ verdict }) => verdict !== 'keep');
  return isKnown && existing?.configHash !== hash;
}
