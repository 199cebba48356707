/** Discovery and health: the server's version, its API groups and their resources, and the health endpoints. */
import { ANONYMOUS } from './anonymous.ts';
import { ApiFailure } from '../objects/api-failure.ts';
import { apiVersionOf, RESOURCE_KINDS, type ResourceKind } from '../objects/resource-kinds.ts';

/** JSON, or a text that is sent unchanged. */
export type DiscoveryAnswer = Record<string, unknown> | string;

const VERSION = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3+simulator',
  platform: 'simulator',
};

/** `undefined` for any other path. Throws a 403 if the user may not read it. */
export function discover(path: string, user: string): DiscoveryAnswer | undefined {
  if (['/healthz', '/livez', '/readyz'].includes(path)) return 'ok';
  if (path === '/version') return VERSION;
  const answer = describeGroups(path.replace(/(.)\/$/, '$1'));
  if (answer !== undefined && user === ANONYMOUS) throw refusal(path, user);
  return answer;
}

function describeGroups(path: string): DiscoveryAnswer | undefined {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  const named = [...new Set(RESOURCE_KINDS.map(({ group }) => group))].filter(Boolean);
  if (path === '/apis') {
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(describeGroup) };
  }
  const group = named.find((name) => path === `/apis/${name}`);
  if (group !== undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...describeGroup(group) };
  const kinds = RESOURCE_KINDS.filter((kind) => path === pathOf(kind));
  const [first] = kinds;
  if (first === undefined) return undefined;
  const resources = kinds.map(describeResource);
  return {
    kind: 'APIResourceList',
    // The core group's list has none on a real server either.
    ...(first.group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersionOf(first),
    resources,
  };
}

function describeGroup(name: string) {
  const kinds = RESOURCE_KINDS.filter(({ group }) => group === name);
  const versions = [...new Set(kinds.map(({ version }) => version))].map((version) => ({
    groupVersion: `${name}/${version}`,
    version,
  }));
  return { name, versions, preferredVersion: versions[0] };
}

function describeResource(kind: ResourceKind) {
  const { resource, singular, namespaced, verbs, shortNames } = kind;
  return {
    name: resource,
    singularName: singular,
    namespaced,
    kind: kind.kind,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
  };
}

function pathOf(kind: ResourceKind): string {
  return kind.group === '' ? `/api/${kind.version}` : `/apis/${apiVersionOf(kind)}`;
}

function refusal(path: string, user: string): ApiFailure {
  const message = `forbidden: User "${user}" cannot get path "${path}"`;
  return new ApiFailure(403, { message, reason: 'Forbidden', details: {} });
}
