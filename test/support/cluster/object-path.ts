/** API paths of the objects that tests install. */
import type { KubeObject } from '../control-plane/admin-client.ts';

const PLURALS: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  ServiceAccount: 'serviceaccounts',
  Secret: 'secrets',
  Event: 'events',
  ConfigMap: 'configmaps',
  Service: 'services',
  Lease: 'leases',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  PodDisruptionBudget: 'poddisruptionbudgets',
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
  NetworkPolicy: 'networkpolicies',
  FlowSchema: 'flowschemas',
  ServiceMonitor: 'servicemonitors',
  PodMonitor: 'podmonitors',
  PrometheusRule: 'prometheusrules',
  MutatingAdmissionPolicy: 'mutatingadmissionpolicies',
  MutatingAdmissionPolicyBinding: 'mutatingadmissionpolicybindings',
};

/** Throws an Error for a kind that is missing in the table above. */
export function pathOf({ apiVersion = '', kind = '', metadata }: KubeObject): string {
  const { name, namespace } = metadata;
  const plural = PLURALS[kind];
  if (plural === undefined) throw new Error(`installing ${kind} "${name}": unknown API path`);
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `${root}${scope}/${plural}/${name}`;
}
