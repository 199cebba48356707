/** Every change that we make to a Secret: whose Secret it is, and which metadata we set. */
import { isDeepStrictEqual } from 'node:util';
import type { ApiObject } from '../../../../simulator/objects/api-object.ts';
import { checkContent } from './check-content.ts';
import { checkDeletion, checkStamp } from './check-removal.ts';
import type { EntryChanges } from './entry-change.ts';
import type { Change } from '../history.ts';
import { situations } from '../model/knowledge.ts';
import { SECRET_NAME, doLabelsCount, isTerminating } from '../model/policy.ts';
import { readSecret, type SecretFacts } from '../model/secret-facts.ts';
import type { WriteContext } from './write-context.ts';

/** Returns what a write of tokens did with each entry. */
export function checkSecretChange(change: Change, context: WriteContext): EntryChanges | undefined {
  const { report, issued } = context;
  const { object, previous, type, key } = change;
  if (object.metadata.name !== SECRET_NAME) {
    report({ invariant: 'I3', check: 'only our Secret', what: `changed Secret ${key}` });
    return undefined;
  }
  const before = previous === undefined ? undefined : readSecret(previous, issued);
  const isMarked = previous !== undefined && !isTerminating(previous) && isTerminating(object);
  if (type === 'DELETED' || isMarked) {
    checkDeletion(change, before, context);
    return undefined;
  }
  if (before?.isApplied === false) checkClaim(change, before, context);
  checkBelongings(change, context);
  const states = { before, after: readSecret(object, issued) };
  if (isContentNew(change)) return checkContent(change, states, context);
  checkStamp(change, states, context);
  return undefined;
}

/** Labels alone prove nothing where the namespace is not opted in: such a Secret is nobody's (DESIGN.md 2). */
function checkClaim(
  { object, key }: Change,
  { isLabelled }: SecretFacts,
  { facts, known, report }: WriteContext,
): void {
  if (!isLabelled) {
    report({ invariant: 'I3', check: 'foreign Secrets stay', what: `changed the foreign ${key}` });
    return;
  }
  if (situations(facts, object.metadata.namespace ?? '', known).some(doLabelsCount)) return;
  const what = `changed ${key}, which only has our labels, in a namespace that is not opted in`;
  report({ invariant: 'I3', check: 'nobody’s Secrets stay', what });
}

/** Removing foreign keys from the data writes none of ours. */
function isContentNew({ object, previous }: Change): boolean {
  const ours = (secret: ApiObject): readonly unknown[] => [
    (secret['data'] as Readonly<Record<string, string>> | undefined)?.['.dockerconfigjson'],
    secret.metadata.annotations?.['ecr-pull-secrets.io/tokens'],
  ];
  return previous === undefined || !isDeepStrictEqual(ours(object), ours(previous));
}

/** No owner references, no finalizers, and the type never changes. */
function checkBelongings({ object, previous, key }: Change, { report }: WriteContext): void {
  const meta = (one: ApiObject | undefined, field: string): unknown =>
    (one?.metadata as Readonly<Record<string, unknown>> | undefined)?.[field];
  for (const field of ['ownerReferences', 'finalizers']) {
    if (isDeepStrictEqual(meta(object, field), meta(previous, field))) continue;
    report({ invariant: 'contract', check: 'no owners or finalizers', what: `${field} of ${key}` });
  }
  if (object['type'] !== 'kubernetes.io/dockerconfigjson') {
    report({ invariant: 'I3', check: 'type', what: `${key} is ${String(object['type'])}` });
  }
}
