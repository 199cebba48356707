/**
 * Tells from metadata alone who owns a Secret and whether it is as we wrote it. `managedFields` show it: whoever
 * changes a value takes the field from every other manager, so a field that our Apply entry still owns has our value.
 */
import { cutText } from '../../base/cut-text.ts';
import { fieldOf, recordOf } from '../../base/json.ts';
import {
  DEFAULT_INSTANCE,
  type Instance,
  LABELS,
  MANAGED_BY,
  SECRET_ANNOTATIONS,
  SECRET_DATA_KEY,
} from '../../domain/contract.ts';
import type { CachedPullSecret } from '../../domain/state/observed.ts';
import { parseTokenRecords } from '../../domain/state/token-record.ts';
import { type Metadata, projectMetadata } from './project-objects.ts';

/** Each of our applies writes these. */
const REQUIRED_ANNOTATIONS = [
  SECRET_ANNOTATIONS.expiresAt,
  SECRET_ANNOTATIONS.registries,
  SECRET_ANNOTATIONS.tokens,
  SECRET_ANNOTATIONS.configHash,
] as const;

export function projectPullSecret(
  object: unknown,
  instance: Instance,
): CachedPullSecret | undefined {
  const metadata = projectMetadata(object);
  if (metadata === undefined) return undefined;
  const { namespace, name, uid, resourceVersion, annotations, managedFields } = metadata;
  const entry = managedFields.find((candidate) => isOurApplyEntry(candidate, instance));
  const dataOurs = ownsData(entry);
  const labelled = labelledInstance(metadata);
  return {
    namespace,
    name,
    uid,
    resourceVersion,
    appliedByUs: entry !== undefined,
    labelledOurs: labelled === instance.name,
    ...(labelled === undefined || labelled === instance.name ? {} : { otherInstance: labelled }),
    labelsWhole:
      metadata.labels[LABELS.managedBy] === MANAGED_BY &&
      metadata.labels[LABELS.instance] === instance.name,
    tamperedWith: [...(dataOurs ? [] : ['data']), ...tamperedAnnotations(entry, annotations)],
    tokens: parseTokenRecords(annotations[SECRET_ANNOTATIONS.tokens]),
    tokensOurs: ownsAnnotation(entry, SECRET_ANNOTATIONS.tokens),
    dataOurs,
    foreignDataKeys: foreignDataKeys(managedFields),
    immutableSet: managedFields.some(
      (candidate) => fieldOf(candidate, 'fieldsV1', 'f:immutable') !== undefined,
    ),
    configHash: cut(annotations[SECRET_ANNOTATIONS.configHash]),
    refreshRequestedAt: cut(annotations[SECRET_ANNOTATIONS.refreshRequestedAt]),
    removalDueAt: cut(annotations[SECRET_ANNOTATIONS.removalDueAt]),
    terminating: metadata.terminating,
  };
}

function isOurApplyEntry(entry: unknown, { fieldManager }: Instance): boolean {
  return (
    fieldOf(entry, 'manager') === fieldManager &&
    fieldOf(entry, 'operation') === 'Apply' &&
    fieldOf(entry, 'subresource') === undefined
  );
}

/** The instance that the labels name, if the Secret is ours. Without an instance label it predates instances. */
function labelledInstance({ labels }: Metadata): string | undefined {
  if (labels[LABELS.managedBy] !== MANAGED_BY) return undefined;
  return labels[LABELS.instance] ?? DEFAULT_INSTANCE;
}

function tamperedAnnotations(
  entry: unknown,
  annotations: Readonly<Record<string, string>>,
): readonly string[] {
  const requested = SECRET_ANNOTATIONS.refreshRequestedAt;
  const ours = [
    ...REQUIRED_ANNOTATIONS,
    ...(annotations[requested] === undefined ? [] : [requested]),
  ];
  return ours.filter((key) => annotations[key] === undefined || !ownsAnnotation(entry, key));
}

function ownsData(entry: unknown): boolean {
  return fieldOf(entry, 'fieldsV1', 'f:data', `f:${SECRET_DATA_KEY}`) !== undefined;
}

function ownsAnnotation(entry: unknown, key: string): boolean {
  const path = ['fieldsV1', 'f:metadata', 'f:annotations', `f:${key}`];
  return fieldOf(entry, ...path) !== undefined;
}

/** Keys of `data` that somebody added to ours: our apply would leave them in place. */
function foreignDataKeys(managedFields: readonly unknown[]): readonly string[] {
  const keys = managedFields.flatMap((entry) =>
    Object.keys(recordOf(fieldOf(entry, 'fieldsV1', 'f:data'))),
  );
  return [...new Set(keys)]
    .filter((key) => key.startsWith('f:') && key !== `f:${SECRET_DATA_KEY}`)
    .slice(0, MAX_FOREIGN_KEYS)
    .map((key) => key.slice(2));
}

/** If there are more, the next repair removes them. */
const MAX_FOREIGN_KEYS = 64;
/** Longer than any value that we write, so that a longer one never becomes one of ours by being cut. */
const MAX_VALUE_LENGTH = 16 * 1024 + 1;

function cut(value: string | undefined): string | undefined {
  return value === undefined ? undefined : cutText(value, MAX_VALUE_LENGTH);
}
