/** One request of ours as the network sees it. */

export interface HopRequest {
  readonly process: string;
  readonly number: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  readonly body: string | undefined;
  readonly isWatch: boolean;
  /** Of a Secret: asks for it with its content. */
  readonly isForContent: boolean;
  readonly sentMs: number;
  /** By the clock of the process. */
  readonly sentWallMs: number;
}

/** The resource that a list or watch over the whole cluster is of. */
export function followedResource({ method, path }: HopRequest): string | undefined {
  if (method !== 'GET') return undefined;
  return /^\/api\/v1\/(namespaces|serviceaccounts|secrets)$/.exec(path)?.[1];
}
