/** Whether this is the one installation of its instance, and whether it may work: what run can't see, or only waits for. */
import { fieldOf, isText, recordOf } from '../base/json.ts';
import { LEASE_ANNOTATIONS } from '../domain/contract.ts';
import { renderError } from '../domain/errors.ts';
import { quote } from '../domain/quote.ts';
import { isForbidden } from '../kubernetes/transport/api-error.ts';
import type { Attempted } from './attempted.ts';
import type { Check } from './check.ts';

export interface BindingSighting {
  readonly instance: string;
  /** Of the binding, which has the name of the instance: the one for the whole cluster, or that in this namespace. */
  readonly name: string;
  readonly namespace?: string;
  /** `undefined`: there is none. */
  readonly binding: Attempted<unknown>;
  /** Where this installation lives, as far as anybody says so. */
  readonly home: string | undefined;
}

/** In a cluster, or in a namespace, there is one of that name: whoever has it is installed. */
export function checkBinding(sighting: BindingSighting): Check {
  const { instance, name, namespace, binding, home } = sighting;
  const isOfCluster = namespace === undefined;
  const subject = isOfCluster ? `ClusterRoleBinding/${name}` : `RoleBinding/${namespace}/${name}`;
  const check = { name: 'installation', subject } as const;
  const skip = (message: string): Check => ({ ...check, status: 'skipped', message });
  if (binding.kind === 'failed') {
    const isMissing = isForbidden(binding.error);
    return skip(isMissing ? 'it may not be read' : `not told: ${renderError(binding.error)}`);
  }
  if (binding.value === undefined) {
    const otherwise = isOfCluster ? 'by Roles, or under another name' : 'under another name';
    return skip(`there is none: rights are given ${otherwise}`);
  }
  if (home === undefined) {
    return skip('nobody says where this one lives: name its namespace with --namespace');
  }
  const namespaces = namespacesIn(binding.value);
  if (namespaces.length === 0) return { ...check, status: 'info', message: 'it binds nobody' };
  if (namespaces.includes(home)) {
    return { ...check, status: 'ok', message: `instance ${instance} is that of this namespace` };
  }
  const message = `another installation of instance ${instance} lives in namespace ${namespaces.join(', ')}`;
  const fix = `give the one in ${home} its own \`instance\` and its own secretName, or uninstall the other`;
  return { ...check, status: 'failed', message, fix };
}

/** One line for all namespaces where all is well, else one for each where it is not. */
export function checkRoleBindings(sightings: readonly BindingSighting[]): readonly Check[] {
  const checks = sightings.map(checkBinding);
  const others = checks.filter(({ status }) => status !== 'ok');
  const [first] = sightings;
  if (others.length > 0 || first === undefined) return others;
  const subject = `RoleBinding/${first.name}`;
  const message = `instance ${first.instance} is that of this namespace, in each of ${checks.length} namespaces`;
  return [{ name: 'installation', subject, status: 'ok', message }];
}

interface LeaseSighting {
  readonly namespace: string;
  readonly name: string;
  /** `undefined`: there is none. */
  readonly lease: Attempted<unknown>;
}

export function checkPause({ namespace, name, lease }: LeaseSighting): Check {
  const check = { name: 'installation', subject: `Lease/${name}` } as const;
  if (lease.kind === 'failed') {
    return { ...check, status: 'skipped', message: `not told: ${renderError(lease.error)}` };
  }
  if (lease.value === undefined) {
    return { ...check, status: 'info', message: 'there is none yet: the first replica makes it' };
  }
  const mark = fieldOf(lease.value, 'metadata', 'annotations', LEASE_ANNOTATIONS.paused);
  if (!isText(mark)) return { ...check, status: 'ok', message: 'not paused' };
  const message = `paused (${quote(mark)}): nobody leads, and tokens are not refreshed`;
  const fix = `let it go on: kubectl -n ${namespace} annotate lease ${name} ${LEASE_ANNOTATIONS.paused}-`;
  return { ...check, status: 'warning', message, fix };
}

/** Of `system:serviceaccount:<namespace>:<name>`; `undefined` for everybody else. */
export function namespaceOfUser(user: string | undefined): string | undefined {
  return /^system:serviceaccount:([^:]+):[^:]+$/.exec(user ?? '')?.[1];
}

/** Of the ServiceAccounts that are bound. */
function namespacesIn(binding: unknown): readonly string[] {
  const subjects = fieldOf(binding, 'subjects');
  const all = Array.isArray(subjects) ? subjects.map(recordOf) : [];
  const found = all.flatMap(({ kind, namespace }) =>
    kind === 'ServiceAccount' && isText(namespace) ? [namespace] : [],
  );
  return [...new Set(found)];
}
