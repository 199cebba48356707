/** Reads a user's access rules from the roles and bindings in parsed manifests. */
import type { AccessRule } from '../requests/access.ts';
import { isJsonObject, mapOf, textOf, type JsonObject } from '../objects/api-object.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io/';

/**
 * The rules that these objects grant the user, by name or through the groups that a real server assigns. Ignores other
 * objects than RBAC ones; a binding to a role that is not among them grants nothing, as on a real server.
 */
export function rulesOfUser(manifests: readonly object[], user: string): readonly AccessRule[] {
  const objects = manifests.filter(isRbacObject);
  return objects
    .filter(({ kind }) => textOf(kind).endsWith('Binding'))
    .flatMap((binding) => {
      if (!mapsOf(binding['subjects']).some((one) => isSubject(one, user))) return [];
      const scope = binding['kind'] === 'RoleBinding' ? { namespace: namespaceOf(binding) } : {};
      return rulesOfRole(objects, binding).map((rule) => ({ ...rule, ...scope }));
    });
}

function isRbacObject(object: object): object is JsonObject {
  return isJsonObject(object) && textOf(object['apiVersion']).startsWith(RBAC_GROUP);
}

function rulesOfRole(objects: readonly JsonObject[], binding: JsonObject): readonly AccessRule[] {
  const { kind, name } = mapOf(binding['roleRef']);
  const role = objects.find(
    (object) =>
      object['kind'] === kind &&
      mapOf(object['metadata'])['name'] === name &&
      (kind === 'ClusterRole' || namespaceOf(object) === namespaceOf(binding)),
  );
  return mapsOf(role?.['rules']).map(readRule);
}

function readRule(rule: JsonObject): AccessRule {
  const names = textsOf(rule['resourceNames']);
  return {
    apiGroups: textsOf(rule['apiGroups']),
    resources: textsOf(rule['resources']),
    verbs: textsOf(rule['verbs']),
    ...(names.length === 0 ? {} : { resourceNames: names }),
  };
}

function isSubject({ kind, name, namespace }: JsonObject, user: string): boolean {
  if (kind === 'ServiceAccount') {
    return user === `system:serviceaccount:${textOf(namespace)}:${textOf(name)}`;
  }
  return kind === 'User'
    ? name === user
    : kind === 'Group' && groupsOf(user).includes(textOf(name));
}

function groupsOf(user: string): readonly string[] {
  const namespace = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user)?.[1];
  const everybody = ['system:authenticated'];
  return namespace === undefined
    ? everybody
    : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, ...everybody];
}

function namespaceOf(object: JsonObject): string {
  return textOf(mapOf(object['metadata'])['namespace']);
}

function mapsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(textOf) : [];
}
