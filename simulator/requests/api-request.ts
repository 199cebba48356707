/** Reads a request from its method, path, query and headers as a real server does. */
import type { WireRequest } from '../../src/kubernetes/wire/wire.ts';
import { ApiFailure } from '../objects/api-failure.ts';
import type { Verb } from './access.ts';
import { parseFieldSelector, requiredName } from './field-selector.ts';
import { readRowObject, type RowObject } from '../tables/table.ts';
import { NAMESPACES, RESOURCE_KINDS, type ResourceKind } from '../objects/resource-kinds.ts';

export interface ApiRequest {
  readonly user: string;
  readonly verb: Verb;
  readonly kind: ResourceKind;
  /** `undefined` at the cluster scope. */
  readonly namespace: string | undefined;
  /** From the path; for a list or watch, where RBAC uses it, from `fieldSelector=metadata.name=…`. */
  readonly name: string | undefined;
  /** A watch of a single object named in the path, by a deprecated watch path: `/api/v1/watch/namespaces/NAME`. */
  readonly isNamedWatch: boolean;
  readonly query: URLSearchParams;
  /** The client wants `PartialObjectMetadata` or a `PartialObjectMetadataList`. */
  readonly metadataOnly: boolean;
  /** Set if the client wants a table: how much of the object each row contains. */
  readonly rowObject?: RowObject | undefined;
  readonly contentType: string;
  readonly body: string;
  /** The field manager of the writer: `fieldManager`, else the start of the user agent. */
  readonly manager: string;
}

/** Parameters that handlers support, and those that a real server accepts without an effect on what we rely on. */
const KNOWN_PARAMETERS = new Set([
  'allowWatchBookmarks',
  'continue',
  'dryRun',
  'fieldManager',
  'fieldSelector',
  'force',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeout',
  'timeoutSeconds',
  'watch',
  'pretty',
  'fieldValidation',
  'includeObject',
]);

/** Throws an `ApiFailure` for what a real server refuses too, an `Error` for what only the simulator does not support. */
export function readRequest(request: WireRequest, user: string): ApiRequest {
  const [path = '', search = ''] = request.path.split('?', 2);
  const query = new URLSearchParams(search);
  const header = (name: string): string => request.headers[name] ?? '';
  const accept = header('accept');
  refuseUnsupported(request.method, query);
  const target = readPath(path);
  const { isNamedWatch } = target;
  const verb = readVerb(request.method, target, isTrue(query.get('watch')));
  const isCollection = verb === 'list' || (verb === 'watch' && !isNamedWatch);
  if (isNamedWatch) refuseSelection(query);
  const name = isCollection ? selectedName(query.get('fieldSelector')) : target.name;
  return {
    user,
    verb,
    kind: target.kind,
    namespace: target.namespace,
    name,
    isNamedWatch,
    query,
    rowObject: readRowObject(accept, query),
    metadataOnly: wantsMetadataOnly(accept, verb),
    contentType: header('content-type').split(';', 1).join('').trim(),
    body: request.body ?? '',
    manager: query.get('fieldManager') ?? header('user-agent').split('/', 1).join(''),
  };
}

function refuseUnsupported(method: WireRequest['method'], query: URLSearchParams): void {
  for (const parameter of query.keys()) {
    if (KNOWN_PARAMETERS.has(parameter) && !(method === 'GET' && parameter === 'dryRun')) continue;
    throw new Error(`the simulator does not support the parameter ${parameter}`);
  }
}

export function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1';
}

type RequestTarget = Pick<ApiRequest, 'kind' | 'namespace' | 'name' | 'isNamedWatch'>;

const NAMED_WATCH = /^(\/api\/v1)\/watch\/(.*)$/;

/** Supports the only deprecated watch path that is in use. */
function readPath(path: string): RequestTarget {
  const [, api = '', watched] = NAMED_WATCH.exec(path) ?? [];
  if (watched === undefined) return readObjectPath(path);
  const target = readObjectPath(`${api}/${watched}`);
  if (target.kind === NAMESPACES && target.name !== undefined) {
    return { ...target, isNamedWatch: true };
  }
  throw new Error(
    `the simulator supports the deprecated watch path of a single namespace only: ${path}`,
  );
}

function readObjectPath(path: string): RequestTarget {
  const parts = path.split('/').slice(1).map(decodeURIComponent);
  const [group, version, ...rest] = parts[0] === 'apis' ? parts.slice(1) : ['', ...parts.slice(1)];
  const namespace = rest[0] === NAMESPACES.resource && rest.length > 2 ? rest[1] : undefined;
  const [resource, name, ...more] = namespace === undefined ? rest : rest.slice(2);
  const kind = RESOURCE_KINDS.find(
    (candidate) =>
      candidate.resource === resource && candidate.group === group && candidate.version === version,
  );
  const isServed = /^\/apis?\//.test(path) && more.length === 0;
  if (isServed && kind !== undefined && canStandAt(kind, namespace, name)) {
    return { kind, namespace, name, isNamedWatch: false };
  }
  const message = 'the server could not find the requested resource';
  throw new ApiFailure(404, { message, reason: 'NotFound', details: {} });
}

/** Only collections of namespaced objects exist both in a namespace and across all of them. */
function canStandAt(
  kind: ResourceKind,
  namespace: string | undefined,
  name: string | undefined,
): boolean {
  if (name !== undefined && !kind.verbs.includes('get')) return false;
  return namespace === undefined ? !kind.namespaced || name === undefined : kind.namespaced;
}

function readVerb(
  method: WireRequest['method'],
  { kind, name, isNamedWatch }: RequestTarget,
  watch: boolean,
): Verb {
  const verb = isNamedWatch ? namedWatchVerb(method) : verbOf(method, name !== undefined, watch);
  if (verb !== undefined && kind.verbs.includes(verb)) return verb;
  const message = 'the server does not allow this method on the requested resource';
  throw new ApiFailure(405, { message, reason: 'MethodNotAllowed', details: {} });
}

function namedWatchVerb(method: WireRequest['method']): Verb | undefined {
  return method === 'GET' ? 'watch' : undefined;
}

function verbOf(method: WireRequest['method'], named: boolean, watch: boolean): Verb | undefined {
  if (method === 'GET') {
    if (named) return 'get';
    return watch ? 'watch' : 'list';
  }
  if (method === 'POST') return named ? undefined : 'create';
  if (!named) return undefined;
  return method === 'PATCH' ? 'patch' : 'delete';
}

function refuseSelection(query: URLSearchParams): void {
  for (const parameter of ['fieldSelector', 'labelSelector', 'sendInitialEvents']) {
    if (query.has(parameter)) {
      throw new Error(`the simulator does not support ${parameter} on a deprecated watch path`);
    }
  }
}

/** `undefined` for a selector that can't be parsed: it is refused later, after authorization. */
function selectedName(selector: string | null): string | undefined {
  try {
    return requiredName(parseFieldSelector(selector ?? ''));
  } catch (error) {
    if (error instanceof ApiFailure) return undefined;
    throw error;
  }
}

/** Decided by the first media type that the client accepts; a watch accepts either form. */
function wantsMetadataOnly(accept: string, verb: Verb): boolean {
  const form = /as=(PartialObjectMetadata(?:List)?)(?:[;,]|$)/.exec(
    accept.split(',', 1).join(''),
  )?.[1];
  if (form === undefined) return false;
  if (verb === 'watch' || (form === 'PartialObjectMetadataList') === (verb === 'list')) return true;
  const message = `you requested ${form}, but the requested object has another form`;
  throw new ApiFailure(406, { message, reason: 'NotAcceptable' });
}
