/** Whether the Secret of today's name gives everything that one of a previous name still gives. */
import { type ListedAccess, nameOf } from './access.ts';
import { type ServiceAccountList, isListed, parseAttach } from './annotations.ts';
import { trustedRecords } from './grant-needs.ts';
import type { PullSecretRecord, ServiceAccountRecord } from './observed.ts';
import type { PlanInput } from './plan-model.ts';
import { referencesTo } from './plan-service-accounts.ts';
import { dueAt, isFromFuture, jitterOf } from './refresh-policy.ts';
import type { TokenRecord } from './token-record.ts';

interface Wanted {
  /** To the profiles on the namespace's list. */
  readonly accesses: readonly ListedAccess[];
  readonly list: ServiceAccountList;
}

/** For a namespace that is opted in; `input` is that of today's name. */
export function isReplaced(previous: PullSecretRecord, input: PlanInput, wanted: Wanted): boolean {
  return (
    isCovered(previous, input, wanted.accesses) &&
    input.observed.serviceAccounts.every((account) => !needs(account, previous, input, wanted.list))
  );
}

/** Every registry that opens with the previous one opens as well with today's, but for what the namespace is not to have. */
function isCovered(
  previous: PullSecretRecord,
  { observed: { pullSecret, uid }, settings: { refresh }, now }: PlanInput,
  accesses: readonly ListedAccess[],
): boolean {
  if (pullSecret === undefined || pullSecret.terminating) return false;
  const isLive = ({ expiresAt }: TokenRecord): boolean => expiresAt > now;
  const live = trustedRecords(pullSecret).filter(isLive);
  const allowed = new Set(accesses.filter(({ kind }) => kind !== 'denied').map(nameOf));
  // What somebody has changed tells nothing of what it opens: it is repaired first.
  const known = trustedRecords(previous);
  // One that is due and would expire first waits for its refresh, which may not come. Both are refreshed with the same
  // tokens, so this ends; one that is not due needs no more time than it has.
  const jitter = jitterOf(uid);
  const lasts = (record: TokenRecord, { expiresAt }: TokenRecord): boolean =>
    record.expiresAt >= expiresAt ||
    (!isFromFuture(record, now) && now < dueAt(record, jitter, refresh));
  return (
    live.length > 0 &&
    known.length > 0 &&
    known
      .filter((record) => isLive(record) && allowed.has(record.profile))
      .every((old) =>
        old.registries.every((host) =>
          live.some((record) => record.registries.includes(host) && lasts(record, old)),
        ),
      )
  );
}

/** It names the previous Secret alone, and we are to give it today's, or it is not ours to change. */
function needs(
  account: ServiceAccountRecord,
  previous: PullSecretRecord,
  { secretName, settings }: PlanInput,
  list: ServiceAccountList,
): boolean {
  if (referencesTo(previous.name, account) === 0 || referencesTo(secretName, account) > 0) {
    return false;
  }
  if (settings.attach === 'none') return true;
  const attach = parseAttach(account.attach);
  return attach.kind === 'invalid' || (attach.value ?? isListed(list, account.name));
}
