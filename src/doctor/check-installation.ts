/** Checks that this is its instance's only installation, and not paused: `run` can't see the one, or just waits. */
import { fieldOf, isText, recordOf } from '../base/json.ts';
import { LEASE_ANNOTATIONS } from '../domain/contract.ts';
import { countOf } from '../domain/count-of.ts';
import { renderError } from '../domain/errors.ts';
import { quote } from '../domain/quote.ts';
import { isForbidden } from '../kubernetes/transport/api-error.ts';
import type { Attempted } from './attempted.ts';
import type { Check } from './check.ts';

export interface BindingFindings {
  readonly instance: string;
  /** Of the binding, named after the instance: a ClusterRoleBinding, or a RoleBinding in `namespace`. */
  readonly name: string;
  readonly namespace?: string;
  /** `undefined`: it does not exist. */
  readonly binding: Attempted<unknown>;
  /** The namespace of this installation, if known. */
  readonly home: string | undefined;
}

/** A cluster, or a namespace, has only one binding of that name: it shows which installation has the instance. */
export function checkBinding(findings: BindingFindings): Check {
  const { instance, name, namespace, binding, home } = findings;
  const isOfCluster = namespace === undefined;
  const subject = isOfCluster ? `ClusterRoleBinding/${name}` : `RoleBinding/${namespace}/${name}`;
  const check = { name: 'installation', subject } as const;
  const skip = (message: string): Check => ({ ...check, status: 'skipped', message });
  if (binding.kind === 'failed') {
    const isDenied = isForbidden(binding.error);
    return skip(
      isDenied ? 'no permission to read it' : `can't read it: ${renderError(binding.error)}`,
    );
  }
  if (binding.value === undefined) {
    const otherwise = isOfCluster ? 'by Roles or under another name' : 'under another name';
    return skip(`not found; permissions may be granted ${otherwise}`);
  }
  if (home === undefined) {
    return skip('the namespace of this installation is unknown: pass it with --namespace');
  }
  const namespaces = namespacesIn(binding.value);
  if (namespaces.length === 0) {
    return { ...check, status: 'info', message: 'binds no ServiceAccount' };
  }
  if (namespaces.includes(home)) {
    return { ...check, status: 'ok', message: `instance ${instance} belongs to this installation` };
  }
  const message = `another installation of instance ${instance} is in namespace ${namespaces.join(', ')}`;
  const fix = `give the installation in ${home} its own \`instance\` and its own secretName, or uninstall the other`;
  return { ...check, status: 'failed', message, fix };
}

/** One line for all namespaces if all are ok, else one for each that is not. */
export function checkRoleBindings(findings: readonly BindingFindings[]): readonly Check[] {
  const checks = findings.map(checkBinding);
  const others = checks.filter(({ status }) => status !== 'ok');
  const [first] = findings;
  if (others.length > 0 || first === undefined) return others;
  const subject = `RoleBinding/${first.name}`;
  const message = `instance ${first.instance} belongs to this installation in ${countOf(checks.length, 'namespace')}`;
  return [{ name: 'installation', subject, status: 'ok', message }];
}

interface LeaseFindings {
  readonly namespace: string;
  readonly name: string;
  /** `undefined`: it does not exist. */
  readonly lease: Attempted<unknown>;
}

export function checkPause({ namespace, name, lease }: LeaseFindings): Check {
  const check = { name: 'installation', subject: `Lease/${name}` } as const;
  if (lease.kind === 'failed') {
    return { ...check, status: 'skipped', message: `can't read it: ${renderError(lease.error)}` };
  }
  if (lease.value === undefined) {
    return {
      ...check,
      status: 'info',
      message: 'does not exist yet: the first replica creates it',
    };
  }
  const pause = fieldOf(lease.value, 'metadata', 'annotations', LEASE_ANNOTATIONS.paused);
  if (!isText(pause)) return { ...check, status: 'ok', message: 'not paused' };
  const message = `paused (${quote(pause)}): nobody leads, and tokens are not refreshed`;
  const fix = `resume it: kubectl -n ${namespace} annotate lease ${name} ${LEASE_ANNOTATIONS.paused}-`;
  return { ...check, status: 'warning', message, fix };
}

/** The namespace in `system:serviceaccount:<namespace>:<name>`; `undefined` for every other user. */
export function namespaceOfUser(user: string): string | undefined {
  return /^system:serviceaccount:([^:]+):[^:]+$/.exec(user)?.[1];
}

/** The namespaces of the bound ServiceAccounts. */
function namespacesIn(binding: unknown): readonly string[] {
  const subjects = fieldOf(binding, 'subjects');
  const all = Array.isArray(subjects) ? subjects.map(recordOf) : [];
  const found = all.flatMap(({ kind, namespace }) =>
    kind === 'ServiceAccount' && isText(namespace) ? [namespace] : [],
  );
  return [...new Set(found)];
}
