/** What a namespace must look like once everything works again and time has passed: the contract, state by state. */
import type { ApiObject } from '../../../../simulator/objects/api-object.ts';
import { type ConfigModel, type LoginModel, loginsOf } from './config-model.ts';
import { dueMsOf, type SecretFacts, oursIn } from './secret-facts.ts';
import { entriesIn } from '../oracle/entry-change.ts';
import {
  REQUESTED,
  eligibilitiesIn,
  eligibleProfiles,
  isStalled,
  isToGo,
  isWanted,
  standingOf,
  withdrawnIn,
} from './policy.ts';
import { EPOCH_MS } from '../../../../simulator/ground/virtual-clock.ts';
import { type World, isBrakeOn, isGoing, isOurs, secretOf } from '../world.ts';

/** A refresh is due after a fraction of the token's life, plus up to this fraction. */
const JITTER = 0.1;
const LATE_MS = 3 * 60_000;

/** What is not as it must be, each in words. */
export function faultsIn(world: World): readonly string[] {
  const isBraked = isBrakeOn(world);
  return world.facts
    .namespaces()
    .filter((namespace) => !isGoing(namespace, world) && !isUnderPolicy(namespace, world))
    .flatMap((namespace) => {
      const faults = faultsOf(namespace, world, isBraked);
      return faults.map((fault) => `${namespace.metadata.name}: ${fault}`);
    });
}

/** ServiceAccounts that lack our reference although only AWS fails, which is no reason to wait. */
export function unattached(world: World): readonly string[] {
  return world.facts.namespaces().flatMap((namespace) => {
    if (isGoing(namespace, world) || isUnderPolicy(namespace, world)) return [];
    if (!isServed(namespace, world)) return [];
    return accountFaults(namespace, world, true).map(
      (fault) => `${namespace.metadata.name}: ${fault}`,
    );
  });
}

/** There, nothing can be detached or removed. */
function isUnderPolicy({ metadata }: ApiObject, { facts }: World): boolean {
  return facts.policies.now.has(metadata.name);
}

/** Opted in, with an eligible profile, and no foreign Secret in the way. */
export function isServed(namespace: ApiObject, world: World): boolean {
  const secret = secretOf(namespace, world);
  return (
    eligibleProfiles({ namespace, config: world.config }).length > 0 &&
    (secret === undefined || isOurs(secret, { namespace, config: world.config }))
  );
}

/** The registry logins for which a namespace should have a token. */
export interface Claim extends LoginModel {
  readonly profile: string;
}

export function claimsOf(namespace: ApiObject, { config }: World): readonly Claim[] {
  return eligibleProfiles({ namespace, config }).flatMap((profile) =>
    loginsOf(profile).map((login) => ({ ...login, profile: profile.name })),
  );
}

/** Logins without an entry, or without a live token for too long, of those that `isExpected` says can be minted. */
export function unmetClaims(
  world: World,
  isExpected: (identity: string) => boolean,
): readonly string[] {
  return world.facts.namespaces().flatMap((namespace) => {
    if (isGoing(namespace, world) || !isServed(namespace, world)) return [];
    const secret = secretOf(namespace, world);
    if (secret?.isImmutable === true) return [];
    return claimsOf(namespace, world)
      .filter(({ identity }) => isExpected(identity))
      .flatMap((claim) => claimFaults(claim, secret, world))
      .map((fault) => `${namespace.metadata.name}: ${fault}`);
  });
}

/** Withdrawn entries that still exist although only AWS fails, which is no reason to keep them. */
export function overstaying(world: World): readonly string[] {
  const { config, nowMs } = world;
  if (isBrakeOn(world)) return [];
  return world.facts.namespaces().flatMap((namespace) => {
    const secret = secretOf(namespace, world);
    if (isGoing(namespace, world) || secret?.isApplied !== true) return [];
    if (secret.isImmutable || !secret.isIntact) return [];
    return withdrawnIn({ namespace, config }, secret).flatMap((profile) => {
      const dueMs = dueMsOf(secret, profile) ?? -Infinity;
      const isLate = dueMs + LATE_MS < EPOCH_MS + nowMs;
      return isLate ? [`${namespace.metadata.name}: has ${profile} still`] : [];
    });
  });
}

function faultsOf(namespace: ApiObject, world: World, isBraked: boolean): readonly string[] {
  const { config } = world;
  const secret = secretOf(namespace, world);
  if (isServed(namespace, world)) {
    return [
      ...(secret === undefined
        ? ['has no Secret']
        : secretFaults(secret, { namespace, world, isBraked })),
      ...accountFaults(namespace, world, secret === undefined),
    ];
  }
  if (secret === undefined || !isOurs(secret, { namespace, config })) return [];
  if (isToGo({ namespace, config }, secret)) {
    // Without our Apply entry it becomes deletable by its next refresh, which needs an eligible profile.
    return isBraked || !secret.isApplied ? [] : ['has a Secret still'];
  }
  if (standingOf(namespace, config) === 'in') {
    return isBraked ? [] : withdrawalFaults(secret, namespace, config);
  }
  // A frozen namespace's Secret still gets fresh tokens for what it has.
  const canRefresh = secret.isIntact && !secret.isImmutable;
  return canRefresh ? freshnessFaults(secret, { namespace, world }) : [];
}

/** Where no profile is eligible, stalled entries stay, and withdrawn or unnamed entries are removed. */
function withdrawalFaults(
  secret: SecretFacts,
  namespace: ApiObject,
  config: ConfigModel,
): readonly string[] {
  if (!secret.isApplied || !secret.isIntact || secret.isImmutable) return [];
  const listedProfiles = eligibilitiesIn({ namespace, config }, secret.items);
  const named = secret.items.filter(({ profile }) => listedProfiles.has(profile));
  // The next write drops entries that are no longer named, but if only these are left, there is no next write.
  const left = named.length === 0 || named.length === secret.items.length ? [] : secret.items;
  const unnamed = left.filter(({ profile }) => !listedProfiles.has(profile));
  const withdrawn = withdrawnIn({ namespace, config }, secret);
  return [...withdrawn, ...unnamed.map(({ profile }) => profile)].map((one) => `has ${one} still`);
}

interface Place {
  readonly namespace: ApiObject;
  readonly world: World;
}

function secretFaults(
  secret: SecretFacts,
  { namespace, world, isBraked }: Place & { readonly isBraked: boolean },
): readonly string[] {
  if (secret.isImmutable) return [];
  const claims = claimsOf(namespace, world);
  const listedProfiles = eligibilitiesIn({ namespace, config: world.config }, secret.items);
  const requested = namespace.metadata.annotations?.[REQUESTED];
  const { isApplied, isLabelled, isIntact, isWellFormed, hasForeignKeys } = secret;
  const known = secret.items.filter(({ profile }) => listedProfiles.get(profile) === 'eligible');
  const stalled = secret.items.filter(({ profile }) => isStalled(listedProfiles.get(profile)));
  const denied = secret.items.filter(({ profile }) => listedProfiles.get(profile) === 'denied');
  const mayHold = known.length + stalled.length + (isBraked ? denied.length : 0);
  const described = [...new Set(secret.items.flatMap(({ hosts }) => hosts))].sort().join();
  const checks: readonly (readonly [isSo: boolean, fault: string])[] = [
    [isApplied && isLabelled, 'has a Secret that is not entirely ours'],
    [isIntact && isWellFormed && !hasForeignKeys, 'has a Secret that is not intact'],
    [known.length === claims.length, `has ${known.length} entries for ${claims.length} claims`],
    [secret.items.length === mayHold, 'has entries of profiles that it may not use'],
    [[...secret.tokens.keys()].sort().join() === described, 'has other hosts'],
    [secret.dueAtMs === undefined || isBraked, 'is stamped for removal'],
    [requested === undefined || secret.requested === requested, 'waits for a refresh'],
  ];
  const faults = checks.flatMap(([isSo, fault]) => (isSo ? [] : [fault]));
  const unmet = claims.flatMap((claim) => claimFaults(claim, secret, world));
  return [...faults, ...unmet, ...freshnessFaults(secret, { namespace, world })];
}

function claimFaults(
  { profile, identity, hosts }: Claim,
  secret: SecretFacts | undefined,
  { nowMs }: World,
): readonly string[] {
  const entry =
    secret === undefined
      ? undefined
      : entriesIn(secret).find(
          ({ item, token }) => item.profile === profile && token?.identity === identity,
        );
  if (entry === undefined) return [`has nothing for ${profile} (${identity})`];
  if (entry.item.hosts.join() !== hosts.join()) return [`has other hosts for ${profile}`];
  const isDead = (entry.token?.expiresMs ?? 0) <= nowMs;
  return isDead ? [`has a dead token for ${profile} (${identity})`] : [];
}

/** Only of entries that may be refreshed: the rest stay as they are. */
function freshnessFaults(secret: SecretFacts, { namespace, world }: Place): readonly string[] {
  const { nowMs, config } = world;
  const wallMs = EPOCH_MS + nowMs;
  const listedProfiles = eligibilitiesIn({ namespace, config }, secret.items);
  const refreshed = entriesIn(secret).filter(
    ({ item, token }) =>
      listedProfiles.get(item.profile) === 'eligible' &&
      // Nobody mints for an identity that the profile no longer has.
      config.profiles.some(
        (profile) =>
          profile.name === item.profile &&
          loginsOf(profile).some(({ identity }) => identity === token?.identity),
      ),
  );
  const isOverdue = refreshed.some(({ item: { mintedMs, expiresMs } }) => {
    const latest = (expiresMs - mintedMs) * (config.atLifetimeFraction + JITTER);
    return mintedMs + latest + LATE_MS < wallMs || mintedMs > wallMs + LATE_MS;
  });
  const isDead = refreshed.some(({ token }) => (token?.expiresMs ?? 0) <= nowMs);
  return [...(isDead ? ['has a dead token'] : []), ...(isOverdue ? ['is overdue'] : [])];
}

/** `hasNone`: we have no Secret there, and without it nothing is detached. */
function accountFaults(namespace: ApiObject, world: World, hasNone: boolean): readonly string[] {
  if (!world.config.attach) return [];
  return [...world.facts.accounts(namespace.metadata.name)].flatMap(([name, { now }]) => {
    if (now === undefined) return [];
    const [wanted, count] = [isWanted(now, namespace), oursIn(now)];
    if (wanted === true && count !== 1) return [`${name} is attached ${count} times`];
    return wanted === false && count > 0 && !hasNone ? [`${name} must not be attached`] : [];
  });
}
