/** Reads the API server's audit log: requests, their users and the answers. */
import { open } from 'node:fs/promises';

export interface AuditEvent {
  /** When the request was received; its answer may be much later. */
  readonly receivedAt: Date;
  /** For example `system:serviceaccount:ecr-pull-secrets:ecr-pull-secrets`; empty if the request was not authenticated. */
  readonly user: string;
  /** get, list, watch, create, update, patch, delete, deletecollection. */
  readonly verb: string;
  /** For example `secrets` or `serviceaccounts/token`; empty for a non-resource path. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly code: number;
  /** Path and query. */
  readonly uri: string;
  readonly userAgent: string;
  /** A watch has two events, `ResponseStarted` and `ResponseComplete`; any other request only the latter. */
  readonly stage: string;
}

/** Follows one log file. Each `read` parses only what is new and returns everything so far, in log order. */
export class AuditLog {
  readonly #path: string;
  readonly #events: AuditEvent[] = [];
  #offset = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** An event may be written shortly after its answer is sent: read again before you call it missing. */
  async read(): Promise<readonly AuditEvent[]> {
    const file = await open(this.#path);
    try {
      const { size } = await file.stat();
      const chunk = Buffer.alloc(size - this.#offset);
      const { bytesRead } = await file.read(chunk, 0, chunk.length, this.#offset);
      const end = chunk.subarray(0, bytesRead).lastIndexOf('\n') + 1;
      for (const line of chunk.toString('utf8', 0, end).split('\n')) {
        if (line !== '') this.#events.push(parseAuditEvent(line));
      }
      this.#offset += end;
    } finally {
      await file.close();
    }
    return [...this.#events];
  }
}

interface RawAuditEvent {
  readonly requestReceivedTimestamp: string;
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly user?: { readonly username?: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}

function parseAuditEvent(line: string): AuditEvent {
  const raw = JSON.parse(line) as RawAuditEvent;
  const { resource = '', subresource, namespace = '', name = '' } = raw.objectRef ?? {};
  return {
    receivedAt: new Date(raw.requestReceivedTimestamp),
    user: raw.user?.username ?? '',
    verb: raw.verb,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    namespace,
    name,
    code: raw.responseStatus?.code ?? 0,
    uri: raw.requestURI,
    userAgent: raw.userAgent ?? '',
    stage: raw.stage,
  };
}
