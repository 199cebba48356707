/** Whether this is the one installation of its instance, and whether it may work: what run can't see, or only waits for. */
import { LEASE_ANNOTATIONS } from '../domain/contract.ts';
import { quote } from '../domain/quote.ts';
import { isForbidden } from '../kubernetes/api-error.ts';
import { isText, recordOf } from '../kubernetes/object-meta.ts';
import { type Attempted, messageOf } from './attempted.ts';
import type { Check } from './check.ts';

interface BindingSighting {
  readonly instance: string;
  /** Of the ClusterRoleBinding, which has the name of the instance. */
  readonly name: string;
  /** `undefined`: there is none. */
  readonly binding: Attempted<unknown>;
  /** Where this installation lives, as far as anybody says so. */
  readonly home: string | undefined;
}

/** The binding is one for the whole cluster: whoever has it is installed. */
export function checkBinding({ instance, name, binding, home }: BindingSighting): Check {
  const subject = `ClusterRoleBinding/${name}`;
  const check = { name: 'installation', subject } as const;
  const skip = (message: string): Check => ({ ...check, status: 'skipped', message });
  if (binding.kind === 'failed') {
    const isMissing = isForbidden(binding.error);
    return skip(isMissing ? 'it may not be read' : `not told: ${messageOf(binding.error)}`);
  }
  if (binding.value === undefined) {
    return skip('there is none: rights are given by Roles, or under another name');
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
  const mend = `give the one in ${home} its own \`instance\` and its own secretName, or uninstall the other`;
  return { ...check, status: 'failed', message, mend };
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
    return { ...check, status: 'skipped', message: `not told: ${messageOf(lease.error)}` };
  }
  if (lease.value === undefined) {
    return { ...check, status: 'info', message: 'there is none yet: the first replica makes it' };
  }
  const annotations = recordOf(recordOf(recordOf(lease.value)['metadata'])['annotations']);
  const mark = annotations[LEASE_ANNOTATIONS.paused];
  if (!isText(mark)) return { ...check, status: 'ok', message: 'not paused' };
  const message = `paused (${quote(mark)}): nobody leads, and tokens are not refreshed`;
  const mend = `let it go on: kubectl -n ${namespace} annotate lease ${name} ${LEASE_ANNOTATIONS.paused}-`;
  return { ...check, status: 'warning', message, mend };
}

/** Of `system:serviceaccount:<namespace>:<name>`; `undefined` for everybody else. */
export function namespaceOfUser(user: string | undefined): string | undefined {
  return /^system:serviceaccount:([^:]+):[^:]+$/.exec(user ?? '')?.[1];
}

/** Of the ServiceAccounts that are bound. */
function namespacesIn(binding: unknown): readonly string[] {
  const subjects = recordOf(binding)['subjects'];
  const all = Array.isArray(subjects) ? subjects.map(recordOf) : [];
  const found = all.flatMap(({ kind, namespace }) =>
    kind === 'ServiceAccount' && isText(namespace) ? [namespace] : [],
  );
  return [...new Set(found)];
}
