/**
 * The earliest time at which a removal may be due. A stamp counts, also one that somebody has removed or moved since; and
 * so does the time at which a process may have seen first that there is something to remove (DESIGN.md 2: "the earliest
 * due time that a term has seen counts, whatever becomes of the stamp").
 */
import { EPOCH_MS } from '../../../../simulator/ground/virtual-clock.ts';
import type { ConfigModel } from '../model/config-model.ts';
import { type Rules, isDenied, standingOf } from '../model/policy.ts';
import { type SecretFacts, readSecret } from '../model/secret-facts.ts';
import { DECISION_MS, type WriteContext, secretsKnown } from './write-context.ts';

/** In wall-clock time. `profile`: '' for the whole Secret. */
export function graceFloorMs(
  profile: string,
  namespace: string,
  secret: SecretFacts | undefined,
  context: WriteContext,
): number {
  const { facts, known, issued } = context;
  const sinceMs = leavingSinceMs(namespace, secret, context);
  const past = facts.secret(namespace).during(sinceMs, known.atMs);
  const secrets = past.map((one) => (one === undefined ? undefined : readSecret(one, issued)));
  const stamps = [...secrets, ...secretsKnown(namespace, context)].flatMap((one) =>
    [...(one?.dueAt ?? [])].flatMap(([from, dueMs]) =>
      profile === '' || from === '' || from === profile ? [dueMs] : [],
    ),
  );
  const configs = [...known.configs, ...facts.configs.during(sinceMs, known.atMs)];
  const graceMs = Math.min(...configs.map((config) => config.graceMs));
  return Math.min(EPOCH_MS + sinceMs + graceMs, ...stamps.filter((dueMs) => !Number.isNaN(dueMs)));
}

/** A short return may have passed between two decisions. */
function leavingSinceMs(
  name: string,
  secret: SecretFacts | undefined,
  { facts, known }: WriteContext,
): number {
  const toleratedMs = DECISION_MS + known.pauseMs + known.atMs - known.namespacesSinceMs;
  const states = facts.namespace(name);
  const mayLeave = (rules: Rules): boolean => isLeaving(rules, secret);
  const ofState = states.sinceWhen(
    (namespace) =>
      namespace !== undefined && known.configs.some((config) => mayLeave({ namespace, config })),
    toleratedMs,
  );
  const { now } = states;
  const ofConfig =
    now === undefined
      ? undefined
      : facts.configs.sinceWhen(
          (config: ConfigModel) => mayLeave({ namespace: now, config }),
          toleratedMs,
        );
  return Math.max(ofState ?? 0, ofConfig ?? 0);
}

/** Also while a namespace is frozen, its time keeps running. */
function isLeaving(rules: Rules, secret: SecretFacts | undefined): boolean {
  if (standingOf(rules.namespace, rules.config) !== 'in') return true;
  return (secret?.items ?? []).some(({ profile }) => isDenied(profile, rules));
}
