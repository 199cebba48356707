/** Why the Secret must be written now. */
import { configHash } from '../token/hashes.ts';
import type { Profile } from '../settings.ts';
import type { CachedPullSecret } from '../state/observed.ts';
import { type EntryPlan, isRenewal, withdrawnIn } from './entry-plan.ts';

export type WriteReason =
  Repair | 'profileWithdrawn' | 'profilesChanged' | 'refreshRequested' | 'due';

/** A Pod may be waiting for these. */
type Repair = 'missing' | 'restored' | 'tampered';
const REPAIRS: readonly WriteReason[] = ['missing', 'restored', 'tampered'];

export interface WriteCauses {
  readonly entries: readonly EntryPlan[];
  /** Of the profiles as written: see `configHashOf`. */
  readonly configHash: string;
  /** The namespace asks for a refresh that the Secret does not have yet. */
  readonly isRequested: boolean;
}

/** The most telling reason first. */
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
  // What follows asks for new tokens.
  if (renewals.length === 0) return undefined;
  if (isRequested) return 'refreshRequested';
  const isDue = renewals.some(({ reason }) => reason === 'due' || reason === 'clockSetBack');
  return isDue ? 'due' : undefined;
}

/** What makes the Secret wrong whatever profiles it should have. */
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

/** Identities can change without a change of the file: the implied profile follows the process's region. */
function areOfOtherProfiles(entries: readonly EntryPlan[]): boolean {
  return entries.some(
    ({ verdict, reason }) =>
      verdict === 'drop' ||
      verdict === 'keepUntilRenewed' ||
      reason === 'missing' ||
      reason === 'registriesChanged',
  );
}

/** The hash is that of the profiles of the time, which is not known where some can't be used any more. */
function isOfOtherConfig(
  existing: CachedPullSecret | undefined,
  entries: readonly EntryPlan[],
  hash: string,
): boolean {
  const isKnown = entries.some(isRenewal) && entries.every(({ verdict }) => verdict !== 'keep');
  return isKnown && existing?.configHash !== hash;
}
