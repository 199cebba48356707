/**
 * A world at one moment as the checks see it: what exists in it, what is being removed, and whether that is too much.
 */
import type { ApiObject } from '../../../simulator/objects/api-object.ts';
import { type ConfigModel, removalLimitOf } from './model/config-model.ts';
import type { Facts } from './model/facts.ts';
import {
  doLabelsCount,
  eligibleProfiles,
  isTerminating,
  isToGo,
  mayGo,
  type Rules,
  withdrawnIn,
} from './model/policy.ts';
import { type SecretFacts, readSecret } from './model/secret-facts.ts';
import type { IssuedTokens } from './network/simulated-ecr.ts';

export interface World {
  readonly facts: Facts;
  readonly issued: IssuedTokens;
  readonly nowMs: number;
  readonly config: ConfigModel;
}

/** The namespace or its Secret, which somebody's finalizer may hold for ever: we leave alone what is being deleted. */
export function isGoing(namespace: ApiObject, { facts }: World): boolean {
  const secret = facts.secret(namespace.metadata.name).now;
  return [namespace, secret].some((one) => one !== undefined && isTerminating(one));
}

export function isOurs({ isApplied, isLabelled }: SecretFacts, rules: Rules): boolean {
  return isApplied || (isLabelled && doLabelsCount(rules));
}

export function secretOf(namespace: ApiObject, { facts, issued }: World): SecretFacts | undefined {
  const secret = facts.secret(namespace.metadata.name).now;
  return secret === undefined ? undefined : readSecret(secret, issued);
}

export interface Removals {
  /** Namespaces with a Secret of ours. */
  readonly managed: readonly string[];
  /** Those whose Secret must be removed, or must lose an entry. */
  readonly pending: readonly string[];
  /** The same, but the server refuses it. One at a time is tried again, and counts as pending meanwhile. */
  readonly stuck: readonly string[];
  /** How many removals may be pending. */
  readonly limit: number;
}

export function removalsIn(world: World): Removals {
  const { facts, config } = world;
  const managed = facts.namespaces().flatMap((namespace) => {
    const secret = secretOf(namespace, world);
    const isManaged = secret !== undefined && isOurs(secret, { namespace, config });
    return isManaged ? { namespace, secret } : [];
  });
  const leaving = managed.filter(({ namespace, secret }) => {
    if (!secret.isApplied || isGoing(namespace, world)) return false;
    const rules = { namespace, config };
    if (isToGo(rules, secret) || withdrawnIn(rules, secret).length > 0) return true;
    return mayGo(rules, secret) && eligibleProfiles(rules).length === 0;
  });
  // The policy refuses to detach and to delete; what is immutable can be deleted, but can't lose an entry.
  const isStuck = ({ namespace, secret }: (typeof leaving)[number]): boolean =>
    mayGo({ namespace, config }, secret)
      ? facts.policies.now.has(namespace.metadata.name)
      : secret.isImmutable;
  const limit = removalLimitOf(config, managed.length);
  return {
    managed: managed.map(nameOf),
    pending: leaving.filter((one) => !isStuck(one)).map(nameOf),
    stuck: leaving.filter(isStuck).map(nameOf),
    limit,
  };
}

/** Whether so many removals are pending that none happens. */
export function isBrakeOn(world: World): boolean {
  const { pending, limit } = removalsIn(world);
  return pending.length > limit;
}

function nameOf({ namespace }: { readonly namespace: ApiObject }): string {
  return namespace.metadata.name;
}
