/** What a namespace must look like once everything works again and time has passed: the contract, state by state. */
import type { ApiObject } from '../../src/simulator/api-object.ts';
import type { ConfigModel } from './config-model.ts';
import type { Facts } from './facts.ts';
import {
  REQUESTED,
  accessOf,
  isTerminating,
  isToGo,
  isWanted,
  profileNameOf,
  profileOf,
  standingOf,
} from './policy.ts';
import { EPOCH_MS } from './process-clock.ts';
import { type SecretFacts, oursIn, readSecret } from './secret-facts.ts';
import type { IssuedTokens } from './simulated-ecr.ts';

export interface World {
  readonly facts: Facts;
  readonly issued: IssuedTokens;
  readonly nowMs: number;
  readonly config: ConfigModel;
}

/** Refreshes are due at a part of a token's life, plus up to this part. */
const JITTER = 0.1;
const LATE_MS = 3 * 60_000;

/** What is not as it must be; each in words. */
export function faultsIn(world: World): readonly string[] {
  const isBraked = countToGo(world) > limitOf(world.config);
  return world.facts
    .namespaces()
    .filter((namespace) => !isGoing(namespace, world))
    .flatMap((namespace) => {
      const faults = faultsOf(namespace, world, isBraked);
      return faults.map((fault) => `${namespace.metadata.name}: ${fault}`);
    });
}

/** ServiceAccounts that lack our entry although nothing but AWS keeps it from them, which is no reason. */
export function unattached(world: World): readonly string[] {
  return world.facts.namespaces().flatMap((namespace) => {
    if (isGoing(namespace, world) || !isServed(namespace, world)) return [];
    return accountFaults(namespace, world, true).map(
      (fault) => `${namespace.metadata.name}: ${fault}`,
    );
  });
}

/** Opted in, with a profile that works, and no foreign Secret in the way. */
export function isServed(namespace: ApiObject, world: World): boolean {
  const { config } = world;
  const secret = secretOf(namespace, world);
  return (
    standingOf(namespace, config) === 'in' &&
    accessOf(profileNameOf(namespace), namespace, config) === 'granted' &&
    (secret === undefined || isOurs(secret))
  );
}

/** Itself or its Secret, which somebody's finalizer may hold for ever: what is going is left alone. */
export function isGoing(namespace: ApiObject, { facts }: World): boolean {
  const secret = facts.secret(namespace.metadata.name).now;
  return isTerminating(namespace) || (secret !== undefined && isTerminating(secret));
}

export function isOurs({ isApplied, isLabelled }: SecretFacts): boolean {
  return isApplied || isLabelled;
}

export function secretOf(namespace: ApiObject, { facts, issued }: World): SecretFacts | undefined {
  const secret = facts.secret(namespace.metadata.name).now;
  return secret === undefined ? undefined : readSecret(secret, issued);
}

function faultsOf(namespace: ApiObject, world: World, isBraked: boolean): readonly string[] {
  const { config } = world;
  const secret = secretOf(namespace, world);
  if (isServed(namespace, world)) {
    return [
      ...(secret === undefined ? ['has no Secret'] : secretFaults(secret, namespace, world)),
      ...accountFaults(namespace, world, secret === undefined),
    ];
  }
  if (secret === undefined || !isOurs(secret)) return [];
  if (isToGo({ namespace, config }, secret)) {
    return isBraked || staysForLackOfProof(secret, namespace, config) ? [] : ['has a Secret still'];
  }
  // What is frozen is kept fresh with what it has.
  const canRefresh =
    standingOf(namespace, config) === 'frozen' &&
    secret.isIntact &&
    !secret.isImmutable &&
    secret.items.every(({ profile }) => accessOf(profile, namespace, config) === 'granted');
  return canRefresh ? freshnessFaults(secret, world) : [];
}

/** One that only bears our label becomes deletable by its next refresh, and where that can't be, it stays. */
function staysForLackOfProof(
  secret: SecretFacts,
  namespace: ApiObject,
  config: ConfigModel,
): boolean {
  if (secret.isApplied) return false;
  if (standingOf(namespace, config) !== 'out' || secret.isImmutable) return true;
  const named = [...new Set(secret.items.map(({ profile }) => profile))];
  const profiles = named.length > 0 ? named : [profileNameOf(namespace)];
  return profiles.every((profile) => accessOf(profile, namespace, config) !== 'granted');
}

function secretFaults(secret: SecretFacts, namespace: ApiObject, world: World): readonly string[] {
  if (secret.isImmutable) return [];
  const name = profileNameOf(namespace);
  const hosts = [...(profileOf(name, world.config)?.hosts ?? [])].sort().join();
  const requested = namespace.metadata.annotations?.[REQUESTED];
  const { isApplied, isLabelled, isIntact, isWellFormed, hasForeignKeys } = secret;
  const checks: readonly (readonly [isSo: boolean, fault: string])[] = [
    [isApplied && isLabelled, 'has a Secret that is not wholly ours'],
    [isIntact && isWellFormed && !hasForeignKeys, 'has a Secret that is not intact'],
    [secret.items.map(({ profile }) => profile).join() === name, 'has another profile'],
    [[...secret.tokens.keys()].sort().join() === hosts, 'has other hosts'],
    [secret.dueAtMs === undefined, 'is stamped for removal'],
    [requested === undefined || secret.requested === requested, 'waits for a refresh'],
  ];
  const faults = checks.flatMap(([isSo, fault]) => (isSo ? [] : [fault]));
  return [...faults, ...freshnessFaults(secret, world)];
}

function freshnessFaults(secret: SecretFacts, { nowMs, config }: World): readonly string[] {
  const wallMs = EPOCH_MS + nowMs;
  const isOverdue = secret.items.some(({ mintedMs, expiresMs }) => {
    const latest = (expiresMs - mintedMs) * (config.atLifetimeFraction + JITTER);
    return mintedMs + latest + LATE_MS < wallMs || mintedMs > wallMs + LATE_MS;
  });
  const isDead = [...secret.tokens.values()].some((token) => (token?.expiresMs ?? 0) <= nowMs);
  return [...(isDead ? ['has a dead token'] : []), ...(isOverdue ? ['is overdue'] : [])];
}

/** `hasNone`: without our Secret nothing is detached. */
function accountFaults(namespace: ApiObject, world: World, hasNone: boolean): readonly string[] {
  if (!world.config.attach) return [];
  return [...world.facts.accounts(namespace.metadata.name)].flatMap(([name, { now }]) => {
    if (now === undefined) return [];
    const [wanted, count] = [isWanted(now, namespace), oursIn(now)];
    if (wanted === true && count !== 1) return [`${name} is attached ${count} times`];
    return wanted === false && count > 0 && !hasNone ? [`${name} is not to be attached`] : [];
  });
}

function countToGo(world: World): number {
  return world.facts.namespaces().filter((namespace) => {
    const secret = secretOf(namespace, world);
    if (secret?.isApplied !== true || isGoing(namespace, world)) return false;
    return isToGo({ namespace, config: world.config }, secret);
  }).length;
}

function limitOf({ brake }: ConfigModel): number {
  return brake === '5%' ? 5 : brake;
}
