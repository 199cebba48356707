/** Finds withdrawn profiles: the namespace lost the right to use them, but our Secret still has their entries. */
import { type ListedProfile, eligibilityOf, nameOf } from '../eligibility/eligibility.ts';
import type { Settings } from '../settings.ts';
import type { CachedNamespace, CachedPullSecret } from '../state/observed.ts';
import { trustedRecords } from '../state/trusted-records.ts';
import { profilesIn } from './request.ts';

/**
 * `listedProfiles`: the profiles on the namespace's list. One that was taken off the list is dropped by the next write and
 * does not count as withdrawn, unless nothing is left that could be written without it.
 */
export function withdrawnProfiles(
  pullSecret: CachedPullSecret | undefined,
  listedProfiles: readonly ListedProfile[],
  namespace: CachedNamespace,
  settings: Pick<Settings, 'profiles'>,
): readonly string[] {
  if (pullSecret?.appliedByUs !== true) return [];
  const listedByName = new Map(listedProfiles.map((listed) => [nameOf(listed), listed]));
  const canWrite =
    listedProfiles.some(({ kind }) => kind === 'eligible') ||
    trustedRecords(pullSecret).some(({ profile }) => listedByName.has(profile));
  return profilesIn(pullSecret).filter((name) => {
    const listed = listedByName.get(name);
    if (listed !== undefined) return listed.kind === 'denied';
    return !canWrite && eligibilityOf(name, namespace, settings).kind === 'denied';
  });
}
