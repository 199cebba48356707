/** Every change that we make to a ServiceAccount: only our one reference, and only for a reason. */
import { isDeepStrictEqual } from 'node:util';
import type { ApiObject } from '../../../../simulator/objects/api-object.ts';
import { checkBrake, isDueNow } from './check-removal.ts';
import type { Change } from '../history.ts';
import { type Situation, situations } from '../model/knowledge.ts';
import { isLargeAccount } from '../model/large.ts';
import {
  SECRET_NAME,
  eligibleProfiles,
  isWanted,
  mayBeRemoved,
  standingOf,
} from '../model/policy.ts';
import { oursIn } from '../model/secret-facts.ts';
import { type WriteContext, secretsKnown } from './write-context.ts';

export function checkAccountChange(change: Change, context: WriteContext): void {
  const { object, previous, key, type } = change;
  const { report } = context;
  if (type !== 'MODIFIED' || previous === undefined) {
    return report({
      invariant: 'I3',
      check: 'accounts stay',
      what: `${type} ServiceAccount ${key}`,
    });
  }
  if (isLargeAccount(previous)) {
    report({ invariant: 'I9', check: 'what is large is left alone', what: `changed ${key}` });
  }
  if (!isDeepStrictEqual(withoutOurs(object), withoutOurs(previous))) {
    report({
      invariant: 'I4',
      check: 'others untouched',
      what: `changed more of ${key} than our reference`,
    });
  }
  const [before, after] = [oursIn(previous), oursIn(object)];
  if (after > 1) {
    report({ invariant: 'I4', check: 'once', what: `our reference is ${after} times in ${key}` });
  }
  if (after > 0 && before !== 1 && !mayAttach(change, context)) {
    report({ invariant: 'I5', check: 'attach for a reason', what: `attached ${key}` });
  }
  if (before > 0 && after === 0) checkDetach(change, context);
}

/** The rest of the ServiceAccount, without our reference. */
function withoutOurs(account: ApiObject): unknown {
  const { metadata, imagePullSecrets, ...rest } = account;
  const { resourceVersion: _version, managedFields: _owners, ...kept } = metadata;
  const entries = (imagePullSecrets ?? []) as readonly { readonly name?: string }[];
  return { ...rest, metadata: kept, others: entries.filter(({ name }) => name !== SECRET_NAME) };
}

function mayAttach(change: Change, context: WriteContext): boolean {
  const isForeign = secretsKnown(namespaceOf(change), context).every(
    (secret) => secret !== undefined && !secret.isApplied && !secret.isLabelled,
  );
  return (
    !isForeign &&
    readings(change, context).some(
      ({ account, ...one }) =>
        one.config.attach &&
        isWanted(account, one.namespace) === true &&
        eligibleProfiles(one).length > 0,
    )
  );
}

/** Because it is not on the list, while our Secret exists; or as a step of a removal that is due. */
function checkDetach(change: Change, context: WriteContext): void {
  const secrets = secretsKnown(namespaceOf(change), context).filter(
    (secret) => secret !== undefined,
  );
  const byList = readings(change, context).some(
    ({ account, namespace, config }) =>
      config.attach &&
      standingOf(namespace, config) === 'in' &&
      isWanted(account, namespace) === false &&
      secrets.length > 0,
  );
  if (byList) return;
  const { known, facts, report } = context;
  const live =
    known.confirmedMs === undefined
      ? []
      : situations(facts, namespaceOf(change), known, known.confirmedMs);
  const atFence = situations(facts, namespaceOf(change), { ...known, ...known.atFence });
  const going = secrets.filter(
    (secret) =>
      secret.isApplied &&
      [live, atFence].every((all) => all.some((one) => mayBeRemoved(one, secret))),
  );
  if (going.length === 0) {
    report({ invariant: 'I9', check: 'detach for a reason', what: `detached ${change.key}` });
    return;
  }
  checkBrake(context);
  if (going.some((secret) => isDueNow('', namespaceOf(change), secret, context))) return;
  report({ invariant: 'I3', check: 'grace', what: `detached ${change.key} before its time` });
}

interface Reading extends Situation {
  readonly account: ApiObject;
}

/** The fence checked right before sending: what the process knew of the namespace and configuration by then counts. */
function readings(change: Change, { facts, known }: WriteContext): readonly Reading[] {
  const namespace = namespaceOf(change);
  const accounts = facts
    .account(namespace, change.object.metadata.name)
    .during(known.accountsSinceMs, known.atMs)
    .filter((account) => account !== undefined);
  return situations(facts, namespace, { ...known, ...known.atFence }).flatMap((one) =>
    accounts.map((account) => ({ ...one, account })),
  );
}

function namespaceOf({ object }: Change): string {
  return object.metadata.namespace ?? '';
}
