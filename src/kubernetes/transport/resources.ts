/** Paths, media types and patch types of the few resources that we use. */

/** Metadata only: the answer never contains the content of a Secret. */
export const METADATA = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
export const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

export const MERGE_PATCH = 'application/merge-patch+json';
/** JSON is YAML too. */
export const APPLY_PATCH = 'application/apply-patch+yaml';

/** No object has this version, so an apply with it creates an object or is refused, and never changes one. */
export const NEVER_A_VERSION = '1';

export const NAMESPACES = '/api/v1/namespaces';

export function namespacePath(name: string): string {
  return `${NAMESPACES}/${encodeURIComponent(name)}`;
}

/** Deprecated long ago, but every version serves it: the only watch of a namespace that a Role can allow. */
export function namespaceWatchPath(name: string): string {
  return `/api/v1/watch/namespaces/${encodeURIComponent(name)}`;
}

/** The collection in one namespace, or in all. */
export function collectionPath(
  resource: 'secrets' | 'serviceaccounts',
  namespace: string | undefined,
): string {
  return namespace === undefined ? `/api/v1/${resource}` : objectPath(namespace, resource);
}

export function objectPath(
  namespace: string,
  resource: 'secrets' | 'serviceaccounts' | 'events',
  name?: string,
): string {
  const collection = `${namespacePath(namespace)}/${resource}`;
  return name === undefined ? collection : `${collection}/${encodeURIComponent(name)}`;
}

export function leasePath(namespace: string, name: string): string {
  const group = '/apis/coordination.k8s.io/v1';
  return `${group}/namespaces/${encodeURIComponent(namespace)}/leases/${encodeURIComponent(name)}`;
}

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

export function clusterRoleBindingPath(name: string): string {
  return `${RBAC}/clusterrolebindings/${encodeURIComponent(name)}`;
}

export function roleBindingPath(namespace: string, name: string): string {
  const [inNamespace, named] = [namespace, name].map(encodeURIComponent);
  return `${RBAC}/namespaces/${inNamespace}/rolebindings/${named}`;
}

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** A ValidatingAdmissionPolicy, or its binding. */
export function policyPath(
  resource: 'validatingadmissionpolicies' | 'validatingadmissionpolicybindings',
  name: string,
): string {
  return `${ADMISSION}/${resource}/${encodeURIComponent(name)}`;
}
