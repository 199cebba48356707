/** When a Secret may go: for a reason, after its grace, past the brake, and when no ServiceAccount names it any more. */
import type { Change } from './history.ts';
import { situations } from './knowledge.ts';
import { isTerminating, isToGo } from './policy.ts';
import { type SecretFacts, oursIn, readSecret } from './secret-facts.ts';
import { DECISION_MS, MOMENT_MS, type SecretStates, type WriteContext } from './write-context.ts';

/** A stamp leaves the whole grace, or what an earlier stamp has left of it. */
export function checkStamp(
  { object, key }: Change,
  { before, after }: SecretStates,
  { facts, known, hop, report }: WriteContext,
): void {
  const { dueAtMs } = after;
  if (dueAtMs === undefined || Number.isNaN(dueAtMs) || dueAtMs === before?.dueAtMs) return;
  const graceMs = Math.min(...known.configs.map((config) => config.graceMs));
  const earliestMs = hop.sentWallMs - DECISION_MS + graceMs;
  const inheritedMs = before?.dueAtMs ?? NaN;
  if (dueAtMs < Math.min(earliestMs, Number.isNaN(inheritedMs) ? Infinity : inheritedMs)) {
    report({ invariant: 'I3', check: 'grace', what: `${key} is stamped for too soon` });
  }
  const all = situations(facts, object.metadata.namespace ?? '', known);
  if (all.some((one) => isToGo(one, after))) return;
  report({ invariant: 'I9', check: 'stamp for a reason', what: `${key} was to stay` });
}

export function checkDeletion(
  { key, object }: Change,
  before: SecretFacts | undefined,
  context: WriteContext,
): void {
  const { facts, known, report } = context;
  const namespace = object.metadata.namespace ?? '';
  if (before?.isApplied !== true) {
    const what = `deleted ${key} without our entry`;
    return report({ invariant: 'I3', check: 'delete only ours', what });
  }
  if (before.dueAtMs === undefined || !(before.dueAtMs <= known.latestWallMs + MOMENT_MS)) {
    report({ invariant: 'I3', check: 'grace', what: `deleted ${key} before its time` });
  }
  if (known.confirmedMs === undefined) {
    const what = `deleted ${key} on the word of a cache`;
    return report({ invariant: 'I9', check: 'live read', what });
  }
  const live = situations(facts, namespace, known, known.confirmedMs);
  if (!live.some((one) => isToGo(one, before))) {
    const what = `deleted ${key}, which was to stay`;
    report({ invariant: 'I9', check: 'delete for a reason', what });
  }
  checkReferences(namespace, context);
  checkBrake(context);
}

/** First the ServiceAccounts are detached. */
function checkReferences(namespace: string, { facts, known, report }: WriteContext): void {
  if (known.configs.some(({ attach }) => !attach)) return;
  for (const [name, past] of facts.accounts(namespace)) {
    const states = past.during(known.accountsSinceMs, known.atMs);
    if (states.some((state) => state === undefined || oursIn(state) === 0)) continue;
    const what = `deleted the Secret that ServiceAccount ${namespace}/${name} names`;
    report({ invariant: 'contract', check: 'detach first', what });
  }
}

/** Counts only what was pending by every reading of what the process may have known. */
function checkBrake(context: WriteContext): void {
  const { facts, known, report } = context;
  const limit = Math.max(...known.configs.map(({ brake }) => (brake === '5%' ? 5 : brake)));
  const names = facts.namespaces().map(({ metadata }) => metadata.name);
  const pending = names.filter((name) => isSurelyPending(name, context));
  if (pending.length <= limit) return;
  const what = `removed one of ${pending.length} pending, with ${limit} allowed`;
  report({ invariant: 'I3', check: 'brake', what });
}

function isSurelyPending(name: string, { facts, known, issued }: WriteContext): boolean {
  const all = situations(facts, name, known);
  if (all.length === 0 || all.some(({ namespace }) => isTerminating(namespace))) return false;
  return facts
    .secret(name)
    .during(known.secretsSinceMs, known.atMs)
    .every((secret) => {
      if (secret === undefined || isTerminating(secret)) return false;
      const state = readSecret(secret, issued);
      return state.isApplied && all.every((one) => isToGo(one, state));
    });
}
