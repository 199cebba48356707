/** POST and PATCH (merge, JSON and apply): preconditions, defaults, admission and ownership, then the commit. */
import type { ApiObject, JsonObject } from '../objects/api-object.ts';
import { ApiFailure, conflict, notFound, staleVersion } from '../objects/api-failure.ts';
import type { ApiRequest } from '../requests/api-request.ts';
import { commitNew, commitOver, type Draft } from './commits.ts';
import { applyConfiguration, ownersAfterUpdate } from '../patches/field-managers.ts';
import { jsonPatch } from '../patches/json-patch.ts';
import { mergePatch } from '../patches/merge-patch.ts';
import { refuseCreation } from '../admission/namespace-admission.ts';
import { withDefaults } from '../admission/object-defaults.ts';
import { admitPod } from '../admission/pod-admission.ts';
import {
  parseBody,
  parseSubmitted,
  readConfiguration,
  refuseOtherNamespace,
} from '../requests/request-body.ts';
import { PODS, type ResourceKind } from '../objects/resource-kinds.ts';
import { keyOf, type Store } from '../objects/store.ts';
import { metadataOf, readMetadata } from '../objects/submitted-metadata.ts';
import {
  refuseIllTypedApply,
  refuseIllTypedPatch,
  refuseMisfitApply,
} from '../requests/typed-fields.ts';

export interface WriteContext {
  readonly store: Store;
  readonly now: Date;
  readonly newUid: () => string;
  /** Throws a 403 if the user may not create this object; also called for an apply to an object that does not exist. */
  readonly authorizeCreation: () => void;
}

export interface Written {
  /** Whether the object did not exist before. */
  readonly created: boolean;
  readonly object: ApiObject;
}

export function create(request: ApiRequest, context: WriteContext): Written {
  const { kind, namespace, manager } = request;
  const body = parseSubmitted(request);
  const given = readMetadata(body);
  refuseOtherNamespace(request, given.namespace);
  if (given.resourceVersion !== undefined) {
    throw new ApiFailure(500, {
      message: 'resourceVersion should not be set on objects to be created',
    });
  }
  const name = given.name ?? generatedName(given.generateName, context);
  refuseCreation(request, name, context.store);
  const { labels, annotations, finalizers } = metadataOf(body);
  const { generateName } = given;
  const metadata = { name, generateName, namespace, labels, annotations, finalizers };
  const next = withDefaults(kind, { ...body, metadata });
  const managedFields = ownersAfterUpdate(
    kind,
    { live: undefined, next },
    { manager, now: context.now },
  );
  return { created: true, object: admitNew(request, { next, managedFields }, context) };
}

export function patchByMerge(request: ApiRequest, context: WriteContext): Written {
  return patchBy((live) => mergePatch(live, parseBody(request)), request, context);
}

export function patchByJsonPatch(request: ApiRequest, context: WriteContext): Written {
  return patchBy((live) => jsonPatch(live, request.body), request, context);
}

export function patchByApply(request: ApiRequest, context: WriteContext): Written {
  const { kind, namespace, name = '' } = request;
  const configuration = readConfiguration(request);
  refuseMisfitApply(kind, configuration);
  const { uid, resourceVersion } = readMetadata(configuration);
  const live = context.store.read(kind, keyOf(namespace, name));
  const writer = {
    manager: request.manager,
    force: request.query.get('force') === 'true',
    now: context.now,
  };
  if (live !== undefined) {
    const { object, managedFields } = applyConfiguration(kind, { live, configuration }, writer);
    refuseIllTypedApply(kind, object);
    refuseStale(kind, live, resourceVersion);
    const draft = { next: withDefaults(kind, object), managedFields };
    return { created: false, object: commitOver(kind, live, draft, context) };
  }
  const { object, managedFields } = applyConfiguration(kind, { live, configuration }, writer);
  refuseIllTypedApply(kind, object);
  if (uid !== undefined) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(kind, name, why);
  }
  context.authorizeCreation();
  refuseCreation(request, name, context.store);
  const next = withDefaults(kind, {
    ...object,
    metadata: { ...metadataOf(object), namespace, name },
  });
  return { created: true, object: admitNew(request, { next, managedFields }, context) };
}

function patchBy(
  edit: (live: ApiObject) => JsonObject,
  request: ApiRequest,
  context: WriteContext,
): Written {
  const { kind, namespace, manager, name = '' } = request;
  const live = context.store.read(kind, keyOf(namespace, name));
  if (live === undefined) throw notFound(kind, name);
  const edited = edit(live);
  refuseIllTypedPatch(kind, edited);
  const next = withDefaults(kind, edited);
  refuseStale(kind, live, readMetadata(next).resourceVersion);
  const managedFields = ownersAfterUpdate(kind, { live, next }, { manager, now: context.now });
  return { created: false, object: commitOver(kind, live, { next, managedFields }, context) };
}

function admitNew(request: ApiRequest, draft: Draft, context: WriteContext): ApiObject {
  const { kind } = request;
  if (kind !== PODS) return commitNew(kind, draft, context);
  const name = readMetadata(draft.next).name ?? '';
  const next = admitPod(request, { name, pod: draft.next }, context.store);
  return commitNew(kind, { ...draft, next }, context);
}

/** Empty without a prefix; the object is then refused because it has no name. */
function generatedName(prefix: string | undefined, { newUid }: WriteContext): string {
  return prefix === undefined ? '' : `${prefix}${newUid().slice(-5)}`;
}

function refuseStale(
  kind: ResourceKind,
  live: ApiObject,
  resourceVersion: string | undefined,
): void {
  if (resourceVersion === undefined || resourceVersion === live.metadata.resourceVersion) return;
  throw staleVersion(kind, live.metadata.name);
}
