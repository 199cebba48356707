/** What keeps us from doing what was asked, in words for the people of the namespace: never an account, never a role. */
import { type ListedProfile, eligibilityOf } from './eligibility.ts';
import { DEFAULT_PROFILE, NAMESPACE_ANNOTATIONS } from '../contract.ts';
import type { CachedNamespace, CachedPullSecret, CachedServiceAccount } from '../state/observed.ts';
import { estimateKib } from '../state/secret-size.ts';
import type { Settings } from '../settings.ts';

export interface Condition {
  /** The Event's reason and the metric's label. */
  readonly reason:
    | 'InvalidAnnotation'
    | 'UnknownProfile'
    | 'InvalidProfile'
    | 'ProfileNotAllowed'
    | 'RegistryConflict'
    | 'SecretTooLarge'
    | 'SecretNotOwned'
    | 'SecretImmutable';
  readonly message: string;
  readonly about: 'Namespace' | { readonly serviceAccount: CachedServiceAccount };
}

/** A namespace can name thousands that there are not: of so many each is told, and the rest when these are fixed. */
const MOST_TOLD = 10;

/** What to tell of the profiles that can't be used; nothing of those that can. */
export function conditionsOf(
  listedProfiles: readonly ListedProfile[],
  namespace: CachedNamespace,
  settings: Settings,
): readonly Condition[] {
  const troubled = listedProfiles.filter(({ kind }) => kind !== 'eligible').slice(0, MOST_TOLD);
  if (troubled.length === 0) return [];
  const allowed = allowedHere(namespace, settings);
  return troubled.flatMap((access) => conditionOf(access, allowed));
}

function conditionOf(access: ListedProfile, allowed: string): readonly Condition[] {
  switch (access.kind) {
    case 'eligible':
      return [];
    case 'absent':
      return [
        about(
          'UnknownProfile',
          `profile "${access.name}" is not configured${implied(access.name)}; ${allowed}`,
        ),
      ];
    case 'faulty':
      return [
        about(
          'InvalidProfile',
          `profile "${access.name}" is disabled by a fault in the administrator's configuration; what it gave stays until it expires`,
        ),
      ];
    case 'denied':
      return [
        about(
          'ProfileNotAllowed',
          `profile "${access.name}" may not be used in this namespace; ${allowed}`,
        ),
      ];
    case 'conflicting':
      return [
        about(
          'RegistryConflict',
          // The host stands in the Secret of this namespace anyway.
          `profile "${access.name}" is not used: registry ${access.host} is also one of profile "${access.first}", which is named before it; name only one of the two`,
        ),
      ];
    case 'tooLarge':
      return [
        about(
          'SecretTooLarge',
          `profile "${access.name}" is not used: with it the pull secret would have ${access.hosts} registries and about ${estimateKib(access.hosts)} KiB, which is too big; name fewer profiles`,
        ),
      ];
  }
}

export function invalidAnnotations(faults: readonly string[]): readonly Condition[] {
  return faults.map((fault) =>
    about(
      'InvalidAnnotation',
      `${fault}. Nothing is added or removed in this namespace until it is fixed`,
    ),
  );
}

export function notOwnedSecret({
  name,
  otherInstance,
}: Pick<CachedPullSecret, 'name' | 'otherInstance'>): Condition {
  const message =
    otherInstance === undefined
      ? `Secret "${name}" was not made by this controller and is left alone; delete it to get a pull secret here`
      : `Secret "${name}" is that of instance "${otherInstance}" of this controller and is left alone; give one of the two another secretName, or leave this namespace to the other`;
  return about('SecretNotOwned', message);
}

export function immutableSecret(secretName: string): Condition {
  return about(
    'SecretImmutable',
    `Secret "${secretName}" was given the field "immutable" and may not be refreshable; delete it, it comes back`,
  );
}

function about(reason: Condition['reason'], message: string): Condition {
  return { reason, message, about: 'Namespace' };
}

function allowedHere(namespace: CachedNamespace, settings: Settings): string {
  const names = [...settings.profiles.keys()]
    .filter((name) => eligibilityOf(name, namespace, settings).kind === 'eligible')
    .sort();
  return names.length === 0 ? 'no profile is allowed here' : `allowed here: ${names.join(', ')}`;
}

/** Who has named no profile would not know whose name that is. */
function implied(name: string): string {
  if (name !== DEFAULT_PROFILE) return '';
  return ` (it is meant where the annotation ${NAMESPACE_ANNOTATIONS.profiles} names none)`;
}
