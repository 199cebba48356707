/** POST and PATCH (merge and apply): preconditions, defaults, validation and ownership, then the commit. */
import { isDeepStrictEqual } from 'node:util';
import {
  omit,
  renderTime,
  type ApiObject,
  type JsonObject,
  type ManagedFieldsEntry,
} from './api-object.ts';
import {
  alreadyExists,
  ApiFailure,
  badRequest,
  conflict,
  invalid,
  notFound,
  staleVersion,
} from './api-failure.ts';
import type { ApiRequest } from './api-request.ts';
import { applyConfiguration, ownersAfterUpdate } from './field-managers.ts';
import { isSameOwnership } from './field-owners.ts';
import { mergePatch } from './merge-patch.ts';
import { refuseCreation } from './namespace-admission.ts';
import { withDefaults } from './object-defaults.ts';
import { findFaults } from './object-validation.ts';
import {
  parseBody,
  readConfiguration,
  refuseIllTyped,
  refuseOtherNamespace,
} from './request-body.ts';
import { apiVersionOf, type ResourceKind } from './resource-kinds.ts';
import { keyOf, type Store } from './store.ts';
import { metadataOf, readMetadata } from './submitted-metadata.ts';

export interface WriteContext {
  readonly store: Store;
  readonly now: Date;
  readonly newUid: () => string;
  /** Throws a 403 where the user may not create this object: an apply of what does not exist asks it too. */
  readonly authorizeCreation: () => void;
}

export interface Written {
  /** Whether there was nothing before. */
  readonly created: boolean;
  readonly object: ApiObject;
}

export function create(request: ApiRequest, context: WriteContext): Written {
  const { kind, namespace, manager } = request;
  const body = parseBody(request);
  const given = readMetadata(body);
  refuseOtherNamespace(request, given.namespace);
  if (given.resourceVersion !== undefined) {
    throw new ApiFailure(500, {
      message: 'resourceVersion should not be set on objects to be created',
    });
  }
  const name = given.name ?? `${given.generateName ?? ''}${context.newUid().slice(-5)}`;
  refuseCreation(request, name, context.store);
  if (context.store.read(kind, keyOf(namespace, name)) !== undefined) {
    throw alreadyExists(kind, name);
  }
  const { labels, annotations } = metadataOf(body);
  const metadata = { name, generateName: given.generateName, namespace, labels, annotations };
  const next = withDefaults(kind, { ...body, metadata });
  const managedFields = ownersAfterUpdate(
    kind,
    { live: undefined, next },
    { manager, now: context.now },
  );
  return { created: true, object: commitNew(kind, { next, managedFields }, context) };
}

export function patchByMerge(request: ApiRequest, context: WriteContext): Written {
  const { kind, namespace, manager, name = '' } = request;
  const live = context.store.read(kind, keyOf(namespace, name));
  if (live === undefined) throw notFound(kind, name);
  const next = withDefaults(kind, mergePatch(live, parseBody(request)));
  refuseIllTyped(next);
  refuseStale(kind, live, readMetadata(next).resourceVersion);
  const managedFields = ownersAfterUpdate(kind, { live, next }, { manager, now: context.now });
  return { created: false, object: commitOver(kind, live, { next, managedFields }, context) };
}

export function patchByApply(request: ApiRequest, context: WriteContext): Written {
  const { kind, namespace, name = '' } = request;
  const configuration = readConfiguration(request);
  const { uid, resourceVersion } = readMetadata(configuration);
  const live = context.store.read(kind, keyOf(namespace, name));
  const writer = {
    manager: request.manager,
    force: request.query.get('force') === 'true',
    now: context.now,
  };
  if (live !== undefined) {
    const { object, managedFields } = applyConfiguration(kind, { live, configuration }, writer);
    refuseStale(kind, live, resourceVersion);
    const draft = { next: withDefaults(kind, object), managedFields };
    return { created: false, object: commitOver(kind, live, draft, context) };
  }
  context.authorizeCreation();
  if (uid !== undefined) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(kind, name, why);
  }
  refuseCreation(request, name, context.store);
  const { object, managedFields } = applyConfiguration(kind, { live, configuration }, writer);
  const next = withDefaults(kind, {
    ...object,
    metadata: { ...metadataOf(object), namespace, name },
  });
  return { created: true, object: commitNew(kind, { next, managedFields }, context) };
}

interface Draft {
  readonly next: JsonObject;
  readonly managedFields: readonly ManagedFieldsEntry[];
}

function commitNew(
  kind: ResourceKind,
  { next, managedFields }: Draft,
  context: WriteContext,
): ApiObject {
  refuseFaults(kind, next, undefined);
  const { name = '' } = readMetadata(next);
  const metadata = {
    ...metadataOf(next),
    name,
    uid: context.newUid(),
    resourceVersion: '',
    creationTimestamp: renderTime(context.now),
    ...(managedFields.length === 0 ? {} : { managedFields }),
  };
  return context.store.put(kind, {
    ...next,
    kind: kind.kind,
    apiVersion: apiVersionOf(kind),
    metadata,
  });
}

/** A write that changes nothing but times is none: the version stays. */
function commitOver(
  kind: ResourceKind,
  live: ApiObject,
  draft: Draft,
  { store }: WriteContext,
): ApiObject {
  refuseFaults(kind, draft.next, live);
  const { managedFields: before = [] } = live.metadata;
  const identity = omit(live.metadata, 'managedFields');
  const given = omit(metadataOf(draft.next), 'managedFields');
  const metadata = { ...given, ...omit(identity, 'labels', 'annotations') };
  const next = { ...draft.next, kind: live.kind, apiVersion: live.apiVersion, metadata };
  const isSameObject = isDeepStrictEqual({ ...live, metadata: identity }, next);
  if (isSameObject && isSameOwnership(before, draft.managedFields)) return live;
  const owners = draft.managedFields.length === 0 ? {} : { managedFields: draft.managedFields };
  return store.put(kind, { ...next, metadata: { ...next.metadata, ...owners } });
}

function refuseStale(
  kind: ResourceKind,
  live: ApiObject,
  resourceVersion: string | undefined,
): void {
  if (resourceVersion === undefined || resourceVersion === live.metadata.resourceVersion) return;
  throw staleVersion(kind, live.metadata.name);
}

function refuseFaults(kind: ResourceKind, next: JsonObject, live: ApiObject | undefined): void {
  const { name = '' } = readMetadata(next);
  if (live !== undefined && name !== live.metadata.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${live.metadata.name})`,
    );
  }
  const faults = findFaults(kind, next, live);
  if (faults.length > 0) throw invalid(kind.kind, name, faults, kind.group);
}
