/** One of our requests as the network sees it. */

export interface HopRequest {
  readonly process: string;
  readonly number: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  readonly body: string | undefined;
  readonly isWatch: boolean;
  /** Of a Secret: asks for its content. */
  readonly isForContent: boolean;
  readonly sentMs: number;
  /** By the process's clock. */
  readonly sentWallMs: number;
}

/** The server changes nothing, whatever it answers. */
export function isDryRun({ query, body = '' }: HopRequest): boolean {
  return query.includes('dryRun=All') || body.includes('"dryRun":["All"]');
}

/** Two wires of one process share the numbering. */
export function requestKeyOf({ process, number, path }: HopRequest): string {
  return `${process} ${number} ${path}`;
}

/** What a list or watch covers: the whole cluster or one namespace. */
export interface Followed {
  readonly resource: string;
  readonly namespace: string | undefined;
}

const IN_CLUSTER = /^\/api\/v1\/(namespaces|serviceaccounts|secrets)$/;
/** Reading a namespace by name counts as a list of one. */
const IN_NAMESPACE = /^\/api\/v1\/(?:watch\/)?namespaces\/([^/]+)(?:\/(serviceaccounts|secrets))?$/;

/** The old path for watches, for those who may not list namespaces. */
export function isOfOneNamespace({ path }: HopRequest): boolean {
  return path.startsWith('/api/v1/watch/');
}

export function followedBy({ method, path }: HopRequest): Followed | undefined {
  if (method !== 'GET') return undefined;
  const everywhere = IN_CLUSTER.exec(path)?.[1];
  if (everywhere !== undefined) return { resource: everywhere, namespace: undefined };
  const [, namespace, resource = 'namespaces'] = IN_NAMESPACE.exec(path) ?? [];
  return namespace === undefined ? undefined : { resource, namespace };
}
