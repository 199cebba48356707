/** What keeps us from doing what was asked, in words for the people of the namespace: never an account, never a role. */
import { type Access, accessTo } from './access.ts';
import type { NamespaceRecord, ServiceAccountRecord } from './observed.ts';
import type { Settings } from './settings.ts';

export interface Condition {
  /** The Event's reason and the metric's label. */
  readonly reason:
    | 'InvalidAnnotation'
    | 'UnknownProfile'
    | 'InvalidProfile'
    | 'ProfileNotAllowed'
    | 'SecretNotOwned'
    | 'SecretImmutable';
  readonly message: string;
  readonly about: 'Namespace' | { readonly serviceAccount: ServiceAccountRecord };
}

/** What to tell of a profile that can't be used; nothing of one that can. */
export function conditionOf(
  access: Access,
  namespace: NamespaceRecord,
  settings: Settings,
): readonly Condition[] {
  const about = 'Namespace';
  switch (access.kind) {
    case 'granted':
      return [];
    case 'absent':
      return [
        {
          reason: 'UnknownProfile',
          message: `profile "${access.name}" is not configured; ${allowedHere(namespace, settings)}`,
          about,
        },
      ];
    case 'faulty':
      return [
        {
          reason: 'InvalidProfile',
          message: `profile "${access.name}" is disabled by a fault in the administrator's configuration; what it gave stays until it expires`,
          about,
        },
      ];
    case 'denied':
      return [
        {
          reason: 'ProfileNotAllowed',
          message: `profile "${access.name}" may not be used in this namespace; ${allowedHere(namespace, settings)}`,
          about,
        },
      ];
  }
}

export function invalidAnnotations(faults: readonly string[]): readonly Condition[] {
  return faults.map((fault) => ({
    reason: 'InvalidAnnotation',
    message: `${fault}. Nothing is added or removed in this namespace until it is mended`,
    about: 'Namespace',
  }));
}

export function notOwnedSecret(secretName: string): Condition {
  return {
    reason: 'SecretNotOwned',
    message: `Secret "${secretName}" was not made by this controller and is left alone; delete or rename it to get a pull secret here`,
    about: 'Namespace',
  };
}

export function immutableSecret(secretName: string): Condition {
  return {
    reason: 'SecretImmutable',
    message: `Secret "${secretName}" was given the field "immutable" and may not be refreshable; delete it, it comes back`,
    about: 'Namespace',
  };
}

function allowedHere(namespace: NamespaceRecord, settings: Settings): string {
  const names = [...settings.profiles.keys()]
    .filter((name) => accessTo(name, namespace, settings).kind === 'granted')
    .sort();
  return names.length === 0 ? 'no profile is allowed here' : `allowed here: ${names.join(', ')}`;
}
