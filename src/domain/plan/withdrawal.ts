/** Which profiles a namespace has lost its right to while our Secret still has their entries. */
import { type ListedAccess, accessTo, nameOf } from '../eligibility/access.ts';
import type { Settings } from '../settings.ts';
import type { NamespaceRecord, PullSecretRecord } from '../state/observed.ts';
import { trustedRecords } from './entry-plan.ts';
import { profilesIn } from './request.ts';

/**
 * `accesses`: to the profiles on the namespace's list. One that it has taken off the list goes with the next write and
 * is not withdrawn, unless there is nothing that could be written in its place.
 */
export function withdrawnProfiles(
  pullSecret: PullSecretRecord | undefined,
  accesses: readonly ListedAccess[],
  namespace: NamespaceRecord,
  settings: Pick<Settings, 'profiles'>,
): readonly string[] {
  if (pullSecret?.appliedByUs !== true) return [];
  const accessByName = new Map(accesses.map((access) => [nameOf(access), access]));
  const canWrite =
    accesses.some(({ kind }) => kind === 'granted') ||
    trustedRecords(pullSecret).some(({ profile }) => accessByName.has(profile));
  return profilesIn(pullSecret).filter((name) => {
    const access = accessByName.get(name);
    if (access !== undefined) return access.kind === 'denied';
    return !canWrite && accessTo(name, namespace, settings).kind === 'denied';
  });
}
