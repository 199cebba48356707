/** Which profiles a namespace has lost its right to while our Secret still has their entries. */
import { type ListedProfile, eligibilityOf, nameOf } from '../eligibility/eligibility.ts';
import type { Settings } from '../settings.ts';
import type { CachedNamespace, CachedPullSecret } from '../state/observed.ts';
import { trustedRecords } from './entry-plan.ts';
import { profilesIn } from './request.ts';

/**
 * `listedProfiles`: to the profiles on the namespace's list. One that it has taken off the list goes with the next write and
 * is not withdrawn, unless there is nothing that could be written in its place.
 */
export function withdrawnProfiles(
  pullSecret: CachedPullSecret | undefined,
  listedProfiles: readonly ListedProfile[],
  namespace: CachedNamespace,
  settings: Pick<Settings, 'profiles'>,
): readonly string[] {
  if (pullSecret?.appliedByUs !== true) return [];
  const accessByName = new Map(listedProfiles.map((access) => [nameOf(access), access]));
  const canWrite =
    listedProfiles.some(({ kind }) => kind === 'eligible') ||
    trustedRecords(pullSecret).some(({ profile }) => accessByName.has(profile));
  return profilesIn(pullSecret).filter((name) => {
    const access = accessByName.get(name);
    if (access !== undefined) return access.kind === 'denied';
    return !canWrite && eligibilityOf(name, namespace, settings).kind === 'denied';
  });
}
