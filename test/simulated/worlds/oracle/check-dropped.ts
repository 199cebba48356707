/** An entry that a write leaves out: it was no longer wanted, expired, or properly withdrawn. */
import { loginsOf } from '../model/config-model.ts';
import { checkBrake, isDueNow } from './check-removal.ts';
import type { EntryChanges, EntryFacts } from './entry-change.ts';
import type { Change } from '../history.ts';
import { type Situation, situations } from '../model/knowledge.ts';
import { TOO_MANY_HOSTS, eligibilitiesIn, profileOf, standingOf } from '../model/policy.ts';
import type { SecretFacts } from '../model/secret-facts.ts';
import { MOMENT_MS, type SecretStates, type WriteContext } from './write-context.ts';

export function checkDropped(
  { key, object }: Change,
  { before, after }: SecretStates,
  { dropped }: EntryChanges,
  context: WriteContext,
): void {
  const { facts, known, report } = context;
  if (before === undefined) return;
  const all = situations(facts, object.metadata.namespace ?? '', known);
  for (const entry of dropped) {
    const { item, token } = entry;
    if (isOver(entry, context) || all.some((one) => isUnwanted(entry, before, one))) continue;
    // There is no longer room for it.
    if (after.tokens.size + entry.item.hosts.length >= TOO_MANY_HOSTS) continue;
    if (all.some((one) => eligibilitiesIn(one, before.items).get(item.profile) === 'denied')) {
      checkWithdrawal(entry, before, { key, object }, context);
      continue;
    }
    const what = `${key} has lost the live entry of ${item.profile} (${token?.identity ?? ''})`;
    report({ invariant: 'I2', check: 'nothing good is dropped', what });
  }
}

/** By the right clock or by the process's clock, which may be wrong. */
function isOver({ item, token }: EntryFacts, { known, hop }: WriteContext): boolean {
  return (
    known.skewMs !== 0 ||
    item.expiresMs <= hop.sentWallMs + MOMENT_MS ||
    (token?.expiresMs ?? 0) <= known.atMs + MOMENT_MS
  );
}

/** No longer named, or of an identity that its profile no longer has. */
function isUnwanted({ item, token }: EntryFacts, before: SecretFacts, one: Situation): boolean {
  const eligibility = eligibilitiesIn(one, before.items).get(item.profile);
  if (eligibility === undefined) return standingOf(one.namespace, one.config) === 'in';
  const profile = profileOf(item.profile, one.config);
  if (eligibility !== 'eligible' || profile === undefined) return false;
  return loginsOf(profile).every(({ identity }) => identity !== token?.identity);
}

function checkWithdrawal(
  { item }: EntryFacts,
  before: SecretFacts,
  { key, object }: Pick<Change, 'key' | 'object'>,
  context: WriteContext,
): void {
  const { facts, known, report } = context;
  const { profile } = item;
  const namespace = object.metadata.namespace ?? '';
  if (!isDueNow(profile, namespace, before, context)) {
    report({
      invariant: 'I3',
      check: 'grace',
      what: `${key} lost ${profile} before the end of its grace period`,
    });
  }
  if (known.confirmedMs === undefined) {
    const what = `${key} lost ${profile} without a live read`;
    return report({ invariant: 'I9', check: 'live read', what });
  }
  const live = situations(facts, namespace, known, known.confirmedMs);
  if (!live.some((one) => eligibilitiesIn(one, before.items).get(profile) === 'denied')) {
    const what = `${key} lost ${profile}, which had to stay`;
    report({ invariant: 'I9', check: 'withdraw for a reason', what });
  }
  checkBrake(context);
}
