/** RBAC authorization; names come from the path or from `fieldSelector=metadata.name=…`. */
import { forbidden, type ApiFailure } from '../objects/api-failure.ts';
import type { GroupResource } from '../objects/resource-kinds.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete';

/** As in a Role or ClusterRole. */
export interface AccessRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
  /** The namespace of the RoleBinding; without it the rule is cluster-wide. */
  readonly namespace?: string;
}

export interface Attempt extends GroupResource {
  readonly user: string;
  /** A `Verb`, or any other verb in an access review. */
  readonly verb: string;
  /** Empty for the cluster scope. */
  readonly namespace: string;
  /** Empty if the request names no single object. */
  readonly name: string;
}

/** `rules`: `undefined` for a user who may do everything. */
export function isAllowed(rules: readonly AccessRule[] | undefined, attempt: Attempt): boolean {
  return rules === undefined || rules.some((rule) => permits(rule, attempt));
}

/** The refusal with the server's wording. */
export function accessDenied({ user, verb, namespace, name, ...what }: Attempt): ApiFailure {
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const resource = `resource "${what.resource}" in API group "${what.group}"`;
  return forbidden(what, name, { why: `User "${user}" cannot ${verb} ${resource} ${scope}` });
}

function permits(rule: AccessRule, { verb, group, resource, namespace, name }: Attempt): boolean {
  if (rule.namespace !== undefined && rule.namespace !== namespace) return false;
  if (
    !includes(rule.apiGroups, group) ||
    !includes(rule.resources, resource) ||
    !includes(rule.verbs, verb)
  ) {
    return false;
  }
  return (
    rule.resourceNames === undefined ||
    rule.resourceNames.length === 0 ||
    rule.resourceNames.includes(name)
  );
}

function includes(values: readonly string[], wanted: string): boolean {
  return values.includes(wanted) || values.includes('*');
}
