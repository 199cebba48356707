/** Answers a request: authorizes it, then calls the handler of its verb. */
import {
  accessDenied,
  isAllowed,
  type AccessRule,
  type Attempt,
  type Verb,
} from '../requests/access.ts';
import { reviewAccess } from './access-review.ts';
import { ApiFailure } from '../objects/api-failure.ts';
import type { ApiRequest } from '../requests/api-request.ts';
import type { Clock } from '../../src/base/clock.ts';
import { isDryRun } from '../requests/dry-run.ts';
import { deleteOne } from '../writes/deletion.ts';
import { readList, readOne } from '../reads/reads.ts';
import { renderObject } from '../objects/rendering.ts';
import { NAMESPACES, SELF_SUBJECT_ACCESS_REVIEWS } from '../objects/resource-kinds.ts';
import type { Store } from '../objects/store.ts';
import {
  create,
  patchByApply,
  patchByJsonPatch,
  patchByMerge,
  type WriteContext,
  type Written,
} from '../writes/writes.ts';

export interface ApiServerParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly newUid: () => string;
  /** `undefined` for a user who may do everything. */
  readonly rulesOf: (user: string) => readonly AccessRule[] | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export class ApiServer {
  readonly #parts: ApiServerParts;

  constructor(parts: ApiServerParts) {
    this.#parts = parts;
  }

  /** Throws a 403 if the user may not do this. */
  authorize(request: ApiRequest, verb: Verb = request.verb): void {
    const attempt = attemptOf(request, verb);
    if (!isAllowed(this.#parts.rulesOf(request.user), attempt)) throw accessDenied(attempt);
  }

  /** Answers everything except watches. Throws `ApiFailure`s. `revision`: the version to treat as the newest. */
  answer(request: ApiRequest, revision = this.#parts.store.revision): ApiAnswer {
    const { store } = this.#parts;
    if (request.kind === SELF_SUBJECT_ACCESS_REVIEWS) return this.#review(request);
    this.authorize(request);
    if (request.verb === 'get') return { status: 200, body: readOne(request, { store, revision }) };
    if (request.verb === 'list') {
      return { status: 200, body: readList(request, { store, revision }) };
    }
    return isDryRun(request) ? store.rehearse(() => this.#change(request)) : this.#change(request);
  }

  #change(request: ApiRequest): ApiAnswer {
    const { store, clock } = this.#parts;
    if (request.verb === 'delete') {
      return { status: 200, body: deleteOne(request, store, clock.now()) };
    }
    const { created, object } = this.#write(request);
    return { status: created ? 201 : 200, body: renderObject(object, request.metadataOnly) };
  }

  /** Every user may review their own access. */
  #review(request: ApiRequest): ApiAnswer {
    const { rulesOf, clock } = this.#parts;
    return { status: 201, body: reviewAccess(request, rulesOf(request.user), clock.now()) };
  }

  #write(request: ApiRequest): Written {
    const context: WriteContext = {
      store: this.#parts.store,
      now: this.#parts.clock.now(),
      newUid: this.#parts.newUid,
      authorizeCreation: () => this.authorize(request, 'create'),
    };
    if (request.verb === 'create') return create(request, context);
    if (request.contentType === 'application/merge-patch+json') {
      return patchByMerge(request, context);
    }
    if (request.contentType === 'application/apply-patch+yaml') {
      return patchByApply(request, context);
    }
    if (request.contentType === 'application/json-patch+json') {
      return patchByJsonPatch(request, context);
    }
    throw unsupportedPatch(request.contentType);
  }
}

function attemptOf(
  { user, kind, namespace, name = '', verb: asked, isNamedWatch }: ApiRequest,
  verb: Verb,
): Attempt {
  const { group, resource } = kind;
  const isSelection = asked === 'list' || (asked === 'watch' && !isNamedWatch);
  // For Namespace objects the server uses the name as the namespace too.
  const scope = kind === NAMESPACES && !isSelection ? name : (namespace ?? '');
  return { user, verb, group, resource, namespace: scope, name };
}

/** Refuses strategic merge patches as a real server does for custom resources; for built-in kinds it accepts them. */
function unsupportedPatch(contentType: string): ApiFailure {
  const message =
    contentType === 'application/strategic-merge-patch+json'
      ? 'the body of the request was in an unknown format - accepted media types include: ' +
        'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml'
      : '415: Unsupported Media Type';
  return new ApiFailure(415, { message, reason: 'UnsupportedMediaType', details: {} });
}
