/** What keeps a namespace from what it asks for, worded for its users. No message names an AWS account or a role. */
import { type ListedProfile, eligibilityOf } from './eligibility.ts';
import {
  DEFAULT_PROFILE,
  MAX_LABELS_KIB,
  MAX_OBJECT_KIB,
  NAMESPACE_ANNOTATIONS,
} from '../contract.ts';
import type { CachedNamespace, CachedPullSecret, CachedServiceAccount } from '../state/observed.ts';
import { estimateKib } from '../state/secret-size.ts';
import type { Settings } from '../settings.ts';

export interface Condition {
  /** The Event's reason and the metric's label. */
  readonly reason:
    | 'InvalidAnnotation'
    | 'ObjectTooLarge'
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

/** A namespace can have thousands of faults of one kind. Only the first ones are reported until they are fixed. */
export const MAX_REPORTED = 10;

/** One condition for each listed profile that can't be used, up to `MAX_REPORTED`. */
export function conditionsOf(
  listedProfiles: readonly ListedProfile[],
  namespace: CachedNamespace,
  settings: Settings,
): readonly Condition[] {
  const unusable = listedProfiles.filter(({ kind }) => kind !== 'eligible').slice(0, MAX_REPORTED);
  if (unusable.length === 0) return [];
  const allowed = allowedHere(namespace, settings);
  return unusable.flatMap((listed) => conditionOf(listed, allowed));
}

function conditionOf(listed: ListedProfile, allowed: string): readonly Condition[] {
  switch (listed.kind) {
    case 'eligible':
      return [];
    case 'absent':
      return [
        about(
          'UnknownProfile',
          `profile "${listed.name}" is not configured${implied(listed.name)}; ${allowed}`,
        ),
      ];
    case 'faulty':
      return [
        about(
          'InvalidProfile',
          `profile "${listed.name}" is disabled by a fault in the administrator's configuration; its entries in the pull secret stay until they expire; ask the administrator to fix it`,
        ),
      ];
    case 'denied':
      return [
        about(
          'ProfileNotAllowed',
          `profile "${listed.name}" is not allowed in this namespace; ${allowed}`,
        ),
      ];
    case 'conflicting':
      return [
        about(
          'RegistryConflict',
          // The host contains an account ID, but the Secret of this namespace shows it anyway.
          `profile "${listed.name}" is not used: registry ${listed.host} already belongs to profile "${listed.first}", which is listed before it; list only one of the two`,
        ),
      ];
    case 'tooLarge':
      return [
        about(
          'SecretTooLarge',
          `profile "${listed.name}" is not used: with it the pull secret would hold ${listed.hosts} registries (about ${estimateKib(listed.hosts)} KiB), which is too many; list fewer profiles`,
        ),
      ];
  }
}

export function invalidAnnotations(faults: readonly string[]): readonly Condition[] {
  return faults.map((fault) =>
    about(
      'InvalidAnnotation',
      `${fault}. Until it is fixed, tokens are refreshed, but nothing else changes in this namespace`,
    ),
  );
}

export function invalidAttach(fault: string, serviceAccount: CachedServiceAccount): Condition {
  return {
    reason: 'InvalidAnnotation',
    message: `${fault}. This ServiceAccount is left unchanged until the annotation is fixed`,
    about: { serviceAccount },
  };
}

const SHORTEN = 'remove what is not needed from its labels, annotations and managedFields';

export function namespaceTooLarge(): Condition {
  return about(
    'ObjectTooLarge',
    `this Namespace object is too large to be read: it has more than ${MAX_OBJECT_KIB} KiB, or more than ${MAX_LABELS_KIB} KiB of labels; ${SHORTEN}. Until then, tokens are refreshed, but nothing else changes in this namespace`,
  );
}

export function secretTooLarge({ name }: Pick<CachedPullSecret, 'name'>): Condition {
  return about(
    'ObjectTooLarge',
    `the metadata of Secret "${name}" is too large to be read: it has more than ${MAX_OBJECT_KIB} KiB; ${SHORTEN}, or delete it to get a new pull secret. Until then, nothing changes in this namespace, and its tokens expire`,
  );
}

export function serviceAccountTooLarge(serviceAccount: CachedServiceAccount): Condition {
  return {
    reason: 'ObjectTooLarge',
    message: `ServiceAccount "${serviceAccount.name}" is too large to be read: it has more than ${MAX_OBJECT_KIB} KiB; shorten its imagePullSecrets and its metadata. Until then, it is left unchanged`,
    about: { serviceAccount },
  };
}

export function notOwnedSecret({
  name,
  otherInstance,
}: Pick<CachedPullSecret, 'name' | 'otherInstance'>): Condition {
  const message =
    otherInstance === undefined
      ? `Secret "${name}" was not created by this controller and is left alone; delete it to get a pull secret here`
      : `Secret "${name}" belongs to instance "${otherInstance}" of this controller and is left alone; ask the administrator to give one of the two instances another secretName, or leave this namespace to the other`;
  return about('SecretNotOwned', message);
}

/** `account`: one of the ServiceAccounts that reference it, whose Pods will fail to pull. */
export function nobodysSecret(
  { name }: Pick<CachedPullSecret, 'name'>,
  account: Pick<CachedServiceAccount, 'name'>,
): Condition {
  return about(
    'SecretNotOwned',
    `Secret "${name}" has the labels of this controller, but nothing else shows that the controller wrote it, and the namespace is not opted in: it is left alone and never refreshed. ServiceAccount "${account.name}" references it. Opt the namespace in, or delete the Secret and remove the reference`,
  );
}

export function immutableSecret(secretName: string): Condition {
  return about(
    'SecretImmutable',
    `somebody set the field "immutable" on Secret "${secretName}", so a refresh may be impossible; delete it and it is re-created`,
  );
}

function about(reason: Condition['reason'], message: string): Condition {
  return { reason, message, about: 'Namespace' };
}

function allowedHere(namespace: CachedNamespace, settings: Settings): string {
  const names = [...settings.profiles.keys()]
    .filter((name) => eligibilityOf(name, namespace, settings).kind === 'eligible')
    .sort();
  if (names.length === 0) return 'no profile is allowed here; ask the administrator to allow one';
  return `set annotation ${NAMESPACE_ANNOTATIONS.profiles} to one or more of the profiles allowed here: ${names.join(', ')}`;
}

/** A user who listed no profile would not recognise the name. */
function implied(name: string): string {
  if (name !== DEFAULT_PROFILE) return '';
  return ` (it applies when annotation ${NAMESPACE_ANNOTATIONS.profiles} is not set)`;
}
