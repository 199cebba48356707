/** Whether too much is about to be removed at once: a mistake in a selector must not take every Secret away. */
import { accessTo } from './access.ts';
import type { NamespaceRecord, PullSecretRecord } from './observed.ts';
import { decideOptIn } from './opt-in.ts';
import { isOurs } from './ownership.ts';
import { firstDue, parseRemovalDue } from './removal-due.ts';
import type { Settings } from './settings.ts';

/** What is due later than this can still be noticed and mended by people: it is not pending yet. */
const HORIZON_MS = 10 * 60_000;
/** Small clusters remove a few Secrets whatever the percentage says. */
const ALWAYS_ALLOWED = 5;

export interface BrakeState {
  readonly managed: number;
  readonly pending: number;
  readonly limit: number;
  /** While engaged, nothing at all is removed. */
  readonly engaged: boolean;
}

/** `pairs`: every Secret of our name in the caches with its namespace. */
export function assessBrake(
  pairs: Iterable<{ readonly namespace: NamespaceRecord; readonly pullSecret: PullSecretRecord }>,
  settings: Settings,
  now: Date,
): BrakeState {
  let managed = 0;
  let pending = 0;
  for (const { namespace, pullSecret } of pairs) {
    if (!isOurs(pullSecret)) continue;
    managed += 1;
    if (isPending(namespace, pullSecret, settings, now)) pending += 1;
  }
  const limit = limitOf(settings, managed);
  return { managed, pending, limit, engaged: pending > limit };
}

function isPending(
  namespace: NamespaceRecord,
  pullSecret: PullSecretRecord,
  settings: Settings,
  now: Date,
): boolean {
  // What is going already is not ours to remove any more: a finalizer of somebody may keep it for ever.
  if (namespace.terminating || pullSecret.terminating) return false;
  // What only bears our label may not be deleted: it counts once a refresh has made it ours.
  if (!pullSecret.appliedByUs || !isToGo(namespace, pullSecret, settings)) return false;
  const due = parseRemovalDue(pullSecret.removalDueAt);
  if (due === undefined) return true;
  // A stamp later than the grace period allows does not hold: the next look sets it right.
  const latestMs = now.getTime() + settings.removal.gracePeriodMs;
  return Math.min(firstDue(due).getTime(), latestMs) <= now.getTime() + HORIZON_MS;
}

function isToGo(
  namespace: NamespaceRecord,
  pullSecret: PullSecretRecord,
  settings: Settings,
): boolean {
  const optIn = decideOptIn(namespace, settings);
  if (optIn.kind !== 'in') return optIn.kind !== 'frozen';
  const canAny = optIn.request.profiles.some(
    (name) => accessTo(name, namespace, settings).kind === 'granted',
  );
  const tokens = pullSecret.tokens ?? [];
  return (
    !canAny &&
    tokens.some(({ profile }) => accessTo(profile, namespace, settings).kind === 'denied')
  );
}

function limitOf({ removal }: Settings, managed: number): number {
  return removal.brake.kind === 'count'
    ? removal.brake.count
    : Math.max(ALWAYS_ALLOWED, removal.brake.fraction * managed);
}
