/** Whether we have every right that the controller needs, and none on other people's Secrets. */
import { renderError } from '../domain/errors.ts';
import type { RequiredPermission } from '../kubernetes/required-permissions.ts';
import type { AskedRight } from '../kubernetes/server-probe.ts';
import type { Attempted } from './attempted.ts';
import type { Check } from './check.ts';

export interface RightSighting {
  readonly right: RequiredPermission;
  /** One, or one for each namespace. */
  readonly answers: readonly RightAnswer[];
}

interface RightAnswer {
  readonly asked: AskedRight;
  readonly allowed: Attempted<boolean>;
}

const MAX_NAMED = 10;

/** What shows the content of Secrets that are not ours. */
export const TOO_MUCH: readonly AskedRight[] = ['get', 'list', 'watch'].map((verb) => ({
  verb,
  group: '',
  resource: 'secrets',
}));

/** What to ask for a right; nothing for one in our own namespace where nobody says which that is. */
export function askFor(
  { verb, group, resource, objectName, namespaces }: RequiredPermission,
  ownNamespace: string | undefined,
): readonly AskedRight[] {
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

export function checkRight({ right, answers }: RightSighting): Check {
  const check = { name: 'access', subject: describeRight(right) } as const;
  const missing: string[] = [];
  for (const { asked, allowed } of answers) {
    if (allowed.kind === 'failed') {
      const message = `the API server does not say whether it is allowed: ${renderError(allowed.error)}`;
      const fix = 'let the user create SelfSubjectAccessReviews, as system:basic-user does';
      return { ...check, status: 'failed', message, fix };
    }
    if (!allowed.value) missing.push(asked.namespace ?? '');
  }
  const isListed = typeof right.namespaces !== 'string';
  if (missing.length === 0) {
    const where = isListed ? ` in each of ${answers.length} namespaces` : '';
    return { ...check, status: 'ok', message: `allowed${where}` };
  }
  const where = isListed ? ` in ${listOf(missing)}` : '';
  const message = `not allowed${where}: ${right.without}`;
  return { ...check, status: 'failed', message, fix: grant(right) };
}

function listOf(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return names.slice(0, MAX_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** For the rights on the Lease where they can't be asked for. */
export function missLease(
  right: RequiredPermission,
  why: { readonly skipped?: string; readonly isRequired?: boolean },
): Check {
  const check = { name: 'access', subject: describeRight(right) } as const;
  const { skipped = '', isRequired = false } = why;
  if (!isRequired) return { ...check, status: 'skipped', message: `not checked: ${skipped}` };
  const message = 'leader election is asked for, but not where: `run` would not start';
  const fix = 'name the namespace of the controller with --namespace';
  return { ...check, status: 'failed', message, fix };
}

/** `allowed`: the answers to `TOO_MUCH`, in its order. */
export function checkOtherSecrets(
  allowed: readonly Attempted<boolean>[],
  secretName: string,
): Check {
  const check = { name: 'access', subject: 'other Secrets' } as const;
  const failed = allowed.find((answer) => answer.kind === 'failed');
  if (failed !== undefined) {
    return { ...check, status: 'skipped', message: `not told: ${renderError(failed.error)}` };
  }
  const verbs = TOO_MUCH.filter((_, index) => {
    const answer = allowed[index];
    return answer?.kind === 'answered' && answer.value;
  }).map(({ verb }) => verb);
  if (verbs.length === 0) return { ...check, status: 'ok', message: 'none can be read' };
  const message = `this user may ${verbs.join(', ')} every Secret of the cluster, which the controller does not need`;
  const fix = `take that right from the controller's ServiceAccount: manifests/install.yaml grants Secrets with resourceNames [${secretName}] only`;
  return { ...check, status: 'warning', message, fix };
}

function describeRight({ verb, resource, objectName }: RequiredPermission): string {
  return `${verb} ${resource}${objectName === undefined ? '' : `/${objectName}`}`;
}

const AS_INSTALLED = 'as manifests/install.yaml does';

function grant({ verb, group, resource, objectName, namespaces }: RequiredPermission): string {
  const names = objectName === undefined ? '' : ` with resourceNames [${objectName}]`;
  const what = group === '' ? resource : `${resource}.${group}`;
  const give = `give the controller's ServiceAccount "${verb}" on ${what}${names}`;
  if (namespaces === 'all') return `${give} in the ClusterRole, ${AS_INSTALLED}`;
  if (namespaces === 'own') return `${give} in the Role in its own namespace, ${AS_INSTALLED}`;
  return `${give} in the Role in each of these namespaces, or take the namespaces off namespaces.only`;
}
