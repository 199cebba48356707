/**
 * Which requests of the suite are of the kinds that the controller itself sends: by
 * `src/kubernetes/required-permissions.ts`.
 */
import { instanceOf, leaseNameOf } from '../../../src/domain/contract.ts';
import { scopeOf } from '../../../src/domain/scope.ts';
import { requiredPermissions } from '../../../src/kubernetes/required-permissions.ts';
import type { WireRequest } from '../../../src/kubernetes/wire/wire.ts';
import type { RbacMode } from '../../support/suite/rbac-mode.ts';

/** A request as RBAC sees it. */
export interface AskedPermission {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Undefined at cluster scope. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

const PATHS: readonly RegExp[] = [
  /^\/api\/v1\/(?:watch\/)?namespaces\/(?<namespace>[^/]+)$/,
  /^\/api\/v1\/namespaces\/(?<namespace>[^/]+)\/(?<resource>[^/]+)(?:\/(?<name>[^/]+))?$/,
  /^\/api\/v1\/(?<resource>[^/]+)$/,
  /^\/apis\/(?<group>[^/]+)\/v1\/namespaces\/(?<namespace>[^/]+)\/(?<resource>[^/]+)(?:\/(?<name>[^/]+))?$/,
];

/**
 * The permission that the controller would need to send this; undefined if it never does. Any Secret may stand for
 * ours, since its name is a setting, but never more than one at once.
 */
export function controllersPermission(
  request: WireRequest,
  mode: RbacMode,
): AskedPermission | undefined {
  const asked = rightFor(request);
  if (asked === undefined) return undefined;
  const { verb, group, resource, namespace, name } = asked;
  if (resource === 'secrets' && name === undefined) return undefined;
  if (resource === 'leases' && name !== leaseNameOf('default')) return undefined;
  if (mode === 'namespaces' && namespace === undefined) return undefined;
  const instance = instanceOf('default', name ?? 'any');
  const scope = scopeOf(mode === 'named' || namespace === undefined ? [] : [namespace]);
  const isNeeded = requiredPermissions(instance, scope).some(
    (permission) =>
      permission.verb === verb && permission.group === group && permission.resource === resource,
  );
  return isNeeded ? asked : undefined;
}

function rightFor({ method, path }: WireRequest): AskedPermission | undefined {
  const url = new URL(path, 'https://server');
  for (const pattern of PATHS) {
    const groups = pattern.exec(url.pathname)?.groups;
    if (groups === undefined) continue;
    const { namespace, resource = 'namespaces', group = '' } = groups;
    const selected = /^metadata\.name=(.+)$/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1];
    const itself = resource === 'namespaces' ? namespace : undefined;
    const name = groups['name'] ?? itself ?? selected;
    const verb = verbOf(method, url, groups['name'] ?? itself);
    return { verb, group, resource, namespace, name };
  }
  return undefined;
}

function verbOf(method: WireRequest['method'], url: URL, name: string | undefined): string {
  if (method === 'POST') return 'create';
  if (method !== 'GET') return method.toLowerCase();
  const isWatch = url.searchParams.get('watch') === 'true' || url.pathname.includes('/watch/');
  if (isWatch) return 'watch';
  return name === undefined ? 'list' : 'get';
}
