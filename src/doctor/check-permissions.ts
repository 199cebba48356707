/** Checks that we have every permission the controller needs, and none on other Secrets. */
import { countOf } from '../domain/count-of.ts';
import { renderError } from '../domain/errors.ts';
import type { RequiredPermission } from '../kubernetes/required-permissions.ts';
import type { AskedPermission } from '../kubernetes/server-probe.ts';
import type { Attempted } from './attempted.ts';
import type { Check } from './check.ts';

export interface PermissionFindings {
  readonly permission: RequiredPermission;
  /** One, or one for each namespace. */
  readonly answers: readonly PermissionAnswer[];
}

interface PermissionAnswer {
  readonly asked: AskedPermission;
  readonly allowed: Attempted<boolean>;
}

const MAX_NAMED = 10;

/** Permissions that reveal the content of Secrets that are not ours. */
export const EXCESSIVE_PERMISSIONS: readonly AskedPermission[] = ['get', 'list', 'watch'].map(
  (verb) => ({
    verb,
    group: '',
    resource: 'secrets',
  }),
);

/** What to ask about a permission; nothing for one in our own namespace if that is unknown. */
export function askFor(
  { verb, group, resource, objectName, namespaces }: RequiredPermission,
  ownNamespace: string | undefined,
): readonly AskedPermission[] {
  const asked = { verb, group, resource, name: objectName };
  if (namespaces === 'all') return [asked];
  if (namespaces === 'own') {
    return ownNamespace === undefined ? [] : [{ ...asked, namespace: ownNamespace }];
  }
  return namespaces.map((namespace) => {
    const name = resource === 'namespaces' ? namespace : objectName;
    return { ...asked, name, namespace };
  });
}

export function checkPermission({ permission, answers }: PermissionFindings): Check {
  const check = { name: 'permissions', subject: describePermission(permission) } as const;
  const missing: string[] = [];
  for (const { asked, allowed } of answers) {
    if (allowed.kind === 'failed') {
      const message = `the API server does not report whether it is allowed: ${renderError(allowed.error)}`;
      const fix = 'allow the user to create SelfSubjectAccessReviews, as system:basic-user does';
      return { ...check, status: 'failed', message, fix };
    }
    if (!allowed.value) missing.push(asked.namespace ?? '');
  }
  const isListed = typeof permission.namespaces !== 'string';
  if (missing.length === 0) {
    const where = isListed ? ` in ${countOf(answers.length, 'namespace')}` : '';
    return { ...check, status: 'ok', message: `allowed${where}` };
  }
  const where = isListed ? ` in ${listOf(missing)}` : '';
  const message = `not allowed${where}; without it, ${permission.without}`;
  return { ...check, status: 'failed', message, fix: grant(permission) };
}

function listOf(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return names.slice(0, MAX_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** For a permission on the Lease that can't be checked. */
export function uncheckedPermission(
  permission: RequiredPermission,
  why: { readonly skipped?: string; readonly isRequired?: boolean },
): Check {
  const check = { name: 'permissions', subject: describePermission(permission) } as const;
  const { skipped = '', isRequired = false } = why;
  if (!isRequired) return { ...check, status: 'skipped', message: `not checked: ${skipped}` };
  const message = 'leader election is on, but its namespace is unknown: `run` would not start';
  const fix = 'pass the namespace of the controller with --namespace';
  return { ...check, status: 'failed', message, fix };
}

interface SecretsFindings {
  /** The answers about `EXCESSIVE_PERMISSIONS`, in the same order. */
  readonly allowed: readonly Attempted<boolean>[];
  readonly secretName: string;
  /** A user who is known to be no ServiceAccount, and so not the controller. */
  readonly isPerson: boolean;
}

export function checkOtherSecrets({ allowed, secretName, isPerson }: SecretsFindings): Check {
  const check = { name: 'permissions', subject: 'other Secrets' } as const;
  const failed = allowed.find((answer) => answer.kind === 'failed');
  if (failed !== undefined) {
    return { ...check, status: 'skipped', message: `can't check it: ${renderError(failed.error)}` };
  }
  const verbs = EXCESSIVE_PERMISSIONS.filter((_, index) => {
    const answer = allowed[index];
    return answer?.kind === 'answered' && answer.value;
  }).map(({ verb }) => verb);
  if (verbs.length === 0) return { ...check, status: 'ok', message: 'none can be read' };
  const message = `this user may ${verbs.join(', ')} every Secret in the cluster`;
  if (isPerson) return { ...check, status: 'info', message };
  const fix = `remove that permission if this is the controller's ServiceAccount: it needs it for resourceNames [${secretName}] only, as in manifests/install.yaml`;
  return {
    ...check,
    status: 'warning',
    message: `${message}; the controller does not need that`,
    fix,
  };
}

function describePermission({ verb, resource, objectName }: RequiredPermission): string {
  return `${verb} ${resource}${objectName === undefined ? '' : `/${objectName}`}`;
}

const AS_INSTALLED = 'as manifests/install.yaml does';

function grant({ verb, group, resource, objectName, namespaces }: RequiredPermission): string {
  const names = objectName === undefined ? '' : ` with resourceNames [${objectName}]`;
  const what = group === '' ? resource : `${resource}.${group}`;
  const rule = `grant this user "${verb}" on ${what}${names}`;
  if (namespaces === 'all') return `${rule} in a ClusterRole, ${AS_INSTALLED}`;
  if (namespaces === 'own') {
    return `${rule} in a Role in the controller's own namespace, ${AS_INSTALLED}`;
  }
  return `${rule} in a Role in each of these namespaces, or remove the namespaces from namespaces.only`;
}
