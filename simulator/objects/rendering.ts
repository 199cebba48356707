/** Renders objects for answers: whole or metadata only, alone or in a list. */
import { omit, type ApiObject } from './api-object.ts';
import { apiVersionOf, type ResourceKind } from './resource-kinds.ts';

const METADATA = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' } as const;

export function renderObject(object: ApiObject, metadataOnly: boolean): Record<string, unknown> {
  return metadataOnly ? { ...METADATA, metadata: object.metadata } : object;
}

/** In a list, whole objects lack kind and version, metadata-only objects have them, as on real servers. */
export function renderList(
  kind: ResourceKind,
  page: { readonly items: readonly ApiObject[]; readonly metadata: Record<string, unknown> },
  metadataOnly: boolean,
): Record<string, unknown> {
  const { items, metadata } = page;
  if (metadataOnly) {
    const rendered = items.map((item) => renderObject(item, true));
    return {
      kind: `${METADATA.kind}List`,
      apiVersion: METADATA.apiVersion,
      metadata,
      items: rendered,
    };
  }
  const bare = items.map((item) => omit(item, 'kind', 'apiVersion'));
  return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata, items: bare };
}

/** A bookmark's object has only a version. */
export function renderBookmark(
  kind: ResourceKind,
  revision: number,
  view: { readonly metadataOnly: boolean; readonly endOfInitialEvents: boolean },
): Record<string, unknown> {
  const metadata = {
    resourceVersion: String(revision),
    ...(view.endOfInitialEvents ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
  };
  return view.metadataOnly
    ? { ...METADATA, metadata }
    : { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
}
