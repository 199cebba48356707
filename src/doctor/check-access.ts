/** Whether we have every right that the controller needs, and none on other people's Secrets. */
import type { NeededRight } from '../kubernetes/needed-access.ts';
import type { AskedRight } from '../kubernetes/server-probe.ts';
import { type Attempted, messageOf } from './attempted.ts';
import type { Check } from './check.ts';

export interface RightSighting {
  readonly right: NeededRight;
  readonly allowed: Attempted<boolean>;
}

/** What shows the content of Secrets that are not ours. */
export const TOO_MUCH: readonly AskedRight[] = ['get', 'list', 'watch'].map((verb) => ({
  verb,
  group: '',
  resource: 'secrets',
}));

/** What to ask for a right; `undefined` for one in our own namespace where nobody says which that is. */
export function askFor(
  { verb, group, resource, objectName, namespaces }: NeededRight,
  ownNamespace: string | undefined,
): AskedRight | undefined {
  const asked = { verb, group, resource, name: objectName };
  if (namespaces === 'all') return asked;
  return ownNamespace === undefined ? undefined : { ...asked, namespace: ownNamespace };
}

export function checkRight({ right, allowed }: RightSighting): Check {
  const check = { name: 'access', subject: describeRight(right) } as const;
  if (allowed.kind === 'failed') {
    const message = `the API server does not say whether it is allowed: ${messageOf(allowed.error)}`;
    const mend = 'let the user create SelfSubjectAccessReviews, as system:basic-user does';
    return { ...check, status: 'failed', message, mend };
  }
  if (allowed.value) return { ...check, status: 'ok', message: 'allowed' };
  return {
    ...check,
    status: 'failed',
    message: `not allowed: ${right.without}`,
    mend: grant(right),
  };
}

/** For the rights on the Lease where they can't be asked for. */
export function missLease(
  right: NeededRight,
  why: { readonly skipped?: string; readonly isRequired?: boolean },
): Check {
  const check = { name: 'access', subject: describeRight(right) } as const;
  const { skipped = '', isRequired = false } = why;
  if (!isRequired) return { ...check, status: 'skipped', message: `not checked: ${skipped}` };
  const message = 'leader election is asked for, but not where: `run` would not start';
  const mend = 'name the namespace of the controller with --namespace';
  return { ...check, status: 'failed', message, mend };
}

/** `allowed`: the answers to `TOO_MUCH`, in its order. */
export function checkOtherSecrets(
  allowed: readonly Attempted<boolean>[],
  secretName: string,
): Check {
  const check = { name: 'access', subject: 'other Secrets' } as const;
  const failed = allowed.find((answer) => answer.kind === 'failed');
  if (failed !== undefined) {
    return { ...check, status: 'skipped', message: `not told: ${messageOf(failed.error)}` };
  }
  const verbs = TOO_MUCH.filter((_, index) => {
    const answer = allowed[index];
    return answer?.kind === 'answered' && answer.value;
  }).map(({ verb }) => verb);
  if (verbs.length === 0) return { ...check, status: 'ok', message: 'none can be read' };
  const message = `this user may ${verbs.join(', ')} every Secret of the cluster, which the controller does not need`;
  const mend = `take that right from the controller's ServiceAccount: manifests/install.yaml grants Secrets with resourceNames [${secretName}] only`;
  return { ...check, status: 'warning', message, mend };
}

function describeRight({ verb, resource, objectName }: NeededRight): string {
  return `${verb} ${resource}${objectName === undefined ? '' : `/${objectName}`}`;
}

function grant({ verb, group, resource, objectName, namespaces }: NeededRight): string {
  const names = objectName === undefined ? '' : ` with resourceNames [${objectName}]`;
  const where = namespaces === 'all' ? 'the ClusterRole' : 'the Role in its own namespace';
  const what = group === '' ? resource : `${resource}.${group}`;
  return `give the controller's ServiceAccount "${verb}" on ${what}${names} in ${where}, as manifests/install.yaml does`;
}
