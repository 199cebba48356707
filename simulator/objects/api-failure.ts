/** Refusals of the server: `Status` objects with the wording of kube-apiserver. */
import type { ObjectMeta } from './api-object.ts';
import { qualifiedResourceOf, type GroupResource, type ResourceKind } from './resource-kinds.ts';

export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

interface FailureParts {
  readonly message: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  /** A token to continue with after an expired list. */
  readonly continueWith?: string;
}

/** Thrown by handlers; the wire turns it into an answer. */
export class ApiFailure extends Error {
  readonly code: number;
  readonly #parts: FailureParts;

  constructor(code: number, parts: FailureParts) {
    super(parts.message);
    this.name = 'ApiFailure';
    this.code = code;
    this.#parts = parts;
  }

  get retryAfterSeconds(): number | undefined {
    return this.#parts.details?.retryAfterSeconds;
  }

  status(): Record<string, unknown> {
    const { message, reason, details, continueWith } = this.#parts;
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: continueWith === undefined ? {} : { continue: continueWith },
      status: 'Failure',
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code: this.code,
    };
  }
}

export function badRequest(message: string): ApiFailure {
  return new ApiFailure(400, { message, reason: 'BadRequest' });
}

export function notFound(kind: GroupResource, name: string): ApiFailure {
  return new ApiFailure(404, {
    message: `${qualifiedResourceOf(kind)} "${name}" not found`,
    reason: 'NotFound',
    details: { name, ...groupOf(kind), kind: kind.resource },
  });
}

export function alreadyExists(
  kind: GroupResource,
  { name, deletionTimestamp }: Pick<ObjectMeta, 'name' | 'deletionTimestamp'>,
): ApiFailure {
  const how = deletionTimestamp === undefined ? '' : 'object is being deleted: ';
  return new ApiFailure(409, {
    message: `${how}${qualifiedResourceOf(kind)} "${name}" already exists`,
    reason: 'AlreadyExists',
    details: { name, ...groupOf(kind), kind: kind.resource },
  });
}

/** A real server names the plural resource for updates and, as `unmet` does, the kind for deletions. */
export function conflict(kind: GroupResource, name: string, why: string): ApiFailure {
  return new ApiFailure(409, {
    message: `Operation cannot be fulfilled on ${qualifiedResourceOf(kind)} "${name}": ${why}`,
    reason: 'Conflict',
    details: { name, ...groupOf(kind), kind: kind.resource },
  });
}

/** A deletion precondition that does not hold. */
export function unmet(kind: ResourceKind, name: string, why: string): ApiFailure {
  return conflict({ group: kind.group, resource: kind.kind }, name, why);
}

export function staleVersion(kind: GroupResource, name: string): ApiFailure {
  const why =
    'the object has been modified; please apply your changes to the latest version and try again';
  return conflict(kind, name, why);
}

export function forbidden(
  kind: GroupResource,
  name: string,
  parts: { why: string; causes?: StatusCause[] },
): ApiFailure {
  const resource = qualifiedResourceOf(kind);
  const subject = name === '' ? resource : `${resource} "${name}"`;
  return new ApiFailure(403, {
    message: `${subject} is forbidden: ${parts.why}`,
    reason: 'Forbidden',
    details: {
      ...(name === '' ? {} : { name }),
      ...groupOf(kind),
      kind: kind.resource,
      ...(parts.causes === undefined ? {} : { causes: parts.causes }),
    },
  });
}

export function invalid(
  kind: string,
  name: string,
  causes: readonly StatusCause[],
  group = '',
): ApiFailure {
  const lines = causes.map(({ field, message }) => `${field ?? ''}: ${message}`);
  const distinct = [...new Set(lines)];
  const text = distinct.length === 1 ? distinct.join('') : `[${distinct.join(', ')}]`;
  const subject = group === '' ? kind : `${kind}.${group}`;
  return new ApiFailure(422, {
    message: `${subject} "${name}" is invalid: ${text}`,
    reason: 'Invalid',
    details: {
      ...(name === '' ? {} : { name }),
      ...groupOf({ group }),
      ...(kind === '' ? {} : { kind }),
      causes,
    },
  });
}

export function expired(message: string, continueWith?: string): ApiFailure {
  return new ApiFailure(410, {
    message,
    reason: 'Expired',
    ...(continueWith === undefined ? {} : { continueWith }),
  });
}

export function versionTooLarge(asked: number, current: number): ApiFailure {
  return new ApiFailure(504, {
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    reason: 'Timeout',
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}

function groupOf({ group }: { readonly group: string }): { readonly group?: string } {
  return group === '' ? {} : { group };
}
