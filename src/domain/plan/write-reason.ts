/** Why the Secret must be written now. */
import { isFor } from './carried-records.ts';
import { namesRegistries } from './grant-needs.ts';
import { configHash } from '../token/hashes.ts';
import type { PullSecretRecord } from '../state/observed.ts';
import type { WriteSecretStep } from './plan-model.ts';
import type { Profile } from '../settings.ts';
import type { TokenRecord } from '../state/token-record.ts';

export type WriteReason = WriteSecretStep['reason'];

export interface WriteCauses {
  /** Those that the namespace may use. */
  readonly profiles: readonly Profile[];
  /** Profiles whose entries stay as they are; those of all others that are not in `profiles` go. */
  readonly kept: ReadonlySet<string>;
  /** Profiles whose entries go because the namespace may not use them any more. */
  readonly withdrawn: readonly string[];
  readonly isRequested: boolean;
  readonly nextDueAt: Date | undefined;
  readonly now: Date;
}

/** A Pod may be waiting for these. */
const REPAIRS: readonly WriteReason[] = ['missing', 'restored', 'tampered'];

/** The most telling reason first. */
export function writeReason(
  existing: PullSecretRecord | undefined,
  causes: WriteCauses,
): WriteReason | undefined {
  const { profiles, withdrawn, isRequested, nextDueAt, now } = causes;
  if (existing === undefined) return 'missing';
  if (!existing.appliedByUs) return 'restored';
  if (existing.tamperedWith.length > 0 || existing.tokens === undefined) return 'tampered';
  if (withdrawn.length > 0) return 'profileWithdrawn';
  if (isOfOtherProfiles(existing, existing.tokens, causes)) return 'profilesChanged';
  // What follows asks for new tokens.
  if (profiles.length === 0) return undefined;
  if (isRequested) return 'refreshRequested';
  return nextDueAt !== undefined && nextDueAt <= now ? 'due' : undefined;
}

export function isRepair(reason: WriteReason): boolean {
  return REPAIRS.includes(reason);
}

export function configHashOf(profiles: readonly Profile[]): string {
  return configHash(Object.fromEntries(profiles.map(({ name, asWritten }) => [name, asWritten])));
}

/** Whether records are there of profiles that are not to be in the Secret at all. */
export function holdsUnwanted(
  tokens: readonly TokenRecord[],
  { profiles, kept }: Pick<WriteCauses, 'profiles' | 'kept'>,
): boolean {
  const wanted = new Set([...profiles.map(({ name }) => name), ...kept]);
  return tokens.some(({ profile }) => !wanted.has(profile));
}

/** Records of grants that the profiles of these names no longer have. */
export function replacedRecords(
  tokens: readonly TokenRecord[],
  profiles: readonly Profile[],
): readonly TokenRecord[] {
  const byName = new Map(profiles.map((profile) => [profile.name, profile]));
  return tokens.filter((record) => {
    const grants = byName.get(record.profile)?.grants;
    return grants?.every((grant) => !isFor({ profile: record.profile, grant }, record));
  });
}

/** Identities can change without a change of the file: the implied profile follows the process's region. */
function isOfOtherProfiles(
  existing: PullSecretRecord,
  tokens: readonly TokenRecord[],
  causes: WriteCauses,
): boolean {
  const { profiles, kept } = causes;
  if (holdsUnwanted(tokens, causes) || replacedRecords(tokens, profiles).length > 0) return true;
  const holdsAll = profiles.every(({ name, grants }) =>
    grants.every((grant) =>
      tokens.some(
        (record) => isFor({ profile: name, grant }, record) && namesRegistries(record, grant),
      ),
    ),
  );
  if (!holdsAll) return true;
  // The hash is that of the profiles of the time, which is not known where some can't be used any more.
  const isKnown = profiles.length > 0 && tokens.every(({ profile }) => !kept.has(profile));
  return isKnown && existing.configHash !== configHashOf(profiles);
}
