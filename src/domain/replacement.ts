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

/**
 * Whether a ServiceAccount that names today's Secret alone would miss something of the previous one. It may where that
 * is not known: what somebody has changed tells nothing of what it opens.
 */
export function givesMore(
  previous: PullSecretRecord,
  input: PlanInput,
  accesses: readonly ListedAccess[],
): boolean {
  const known = trustedRecords(previous);
  const allowed = new Set(accesses.filter(({ kind }) => kind !== 'denied').map(nameOf));
  const owed = known.filter(
    (record) => record.expiresAt > input.now && allowed.has(record.profile),
  );
  const live = liveToday(input);
  return (
    known.length === 0 ||
    owed.some((old) => old.registries.some((host) => !isOpen(host, old, live, input)))
  );
}

/** Every registry that opens with the previous one opens as well with today's, but for what the namespace is not to have. */
function isCovered(
  previous: PullSecretRecord,
  input: PlanInput,
  accesses: readonly ListedAccess[],
): boolean {
  return liveToday(input).length > 0 && !givesMore(previous, input, accesses);
}

function liveToday({ observed: { pullSecret }, now }: PlanInput): readonly TokenRecord[] {
  if (pullSecret === undefined || pullSecret.terminating) return [];
  return trustedRecords(pullSecret).filter(({ expiresAt }) => expiresAt > now);
}

/**
 * A token that is due and would expire before the old one waits for its refresh, which may not come. Both Secrets are
 * refreshed with the same tokens, so this ends; one that is not due needs no more time than it has.
 */
function isOpen(
  host: string,
  old: TokenRecord,
  live: readonly TokenRecord[],
  { observed, settings, now }: PlanInput,
): boolean {
  const jitter = jitterOf(observed.uid);
  return live.some(
    (record) =>
      record.registries.includes(host) &&
      (record.expiresAt >= old.expiresAt ||
        (!isFromFuture(record, now) && now < dueAt(record, jitter, settings.refresh))),
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
