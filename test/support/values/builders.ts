/** Plain values for tests: each builder returns the ordinary case, and the test changes only what matters to it. */
import {
  DEFAULT_PROFILE,
  DEFAULT_SECRET_NAME,
  type Instance,
  NAMESPACE_ANNOTATIONS,
  instanceOf,
} from '../../../src/domain/contract.ts';
import { identityHash } from '../../../src/domain/token/hashes.ts';
import { parseAttach, parseNamespaceAnnotations } from '../../../src/domain/state/annotations.ts';
import type {
  ObservedNamespace,
  CachedPullSecret,
  CachedServiceAccount,
} from '../../../src/domain/state/observed.ts';
import { configHashOf } from '../../../src/domain/plan/write-reason.ts';
import type { Identity } from '../../../src/domain/identity.ts';
import type { RegistryToken } from '../../../src/domain/token/registry-token.ts';
import { SecretText } from '../../../src/domain/secret-text.ts';
import type {
  NamespaceMatcher,
  Profile,
  ProfileState,
  Settings,
} from '../../../src/domain/settings.ts';
import type { TokenNeed } from '../../../src/domain/token/token-need.ts';
import type { TokenRecord } from '../../../src/domain/state/token-record.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** The current time in every builder. */
export const NOW = new Date('2026-01-01T12:00:00Z');
export const INSTANCE: Instance = instanceOf('default', DEFAULT_SECRET_NAME);
export const SECRET_NAME = DEFAULT_SECRET_NAME;
const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** The only registry of a builder's profile: a different one for each name. */
export function hostOf(profile = DEFAULT_PROFILE): string {
  if (profile === DEFAULT_PROFILE) return HOST;
  const number = parseInt(identityHash({ source: profile, region: '' }).slice(0, 9), 16);
  return HOST.replace(/^\d+/, String(number).padStart(12, '0'));
}

/** A time relative to `NOW`. */
export function inMs(delayMs: number): Date {
  return new Date(NOW.getTime() + delayMs);
}

export function anIdentity(name = DEFAULT_PROFILE, change: Partial<Identity> = {}): Identity {
  const { region = 'eu-west-1' } = change;
  const assumeRole = name === DEFAULT_PROFILE ? undefined : { roleArn: `role-of-${name}` };
  return {
    hash: identityHash({ source: 'auto', assumeRole, region }),
    source: { kind: 'auto' },
    assumeRole: [],
    service: 'ecr',
    region,
    verifyHosts: [],
    ...change,
  };
}

export function aMatcher(change: Partial<NamespaceMatcher> = {}): NamespaceMatcher {
  return { names: undefined, matchLabels: {}, matchExpressions: [], ...change };
}

/** A profile that every namespace may use, with its own identity and host. */
export function aProfile(name = DEFAULT_PROFILE, change: Partial<Profile> = {}): Profile {
  return {
    name,
    allowedNamespaces: undefined,
    logins: [{ identity: anIdentity(name), hosts: [hostOf(name)] }],
    asWritten: { registries: [hostOf(name)], note: name },
    ...change,
  };
}

export function aFaultyProfile(name: string): ProfileState {
  return { kind: 'faulty', name, fault: `profiles.${name}.registries[0]: is no registry host` };
}

/** The defaults of the configuration file. */
export function someSettings(
  change: Partial<Omit<Settings, 'profiles' | 'namespaces'>> & {
    readonly profiles?: readonly (Profile | ProfileState)[];
    readonly namespaces?: Partial<Settings['namespaces']>;
  } = {},
): Settings {
  const { profiles = [aProfile()], namespaces, ...rest } = change;
  const states = profiles.map((given) =>
    'kind' in given ? given : ({ kind: 'healthy', profile: given } as const),
  );
  return {
    profiles: new Map(
      states.map((state) => [state.kind === 'healthy' ? state.profile.name : state.name, state]),
    ),
    namespaces: {
      selector: undefined,
      exclude: ['kube-system', 'kube-public', 'kube-node-lease'],
      ...namespaces,
    },
    refresh: { atLifetimeFraction: 0.4, jitterFraction: 0.1 },
    removal: { gracePeriodMs: 10 * MINUTE_MS, brake: { kind: 'fraction', fraction: 0.05 } },
    attach: 'serviceAccounts',
    ...rest,
  };
}

/** Annotations by their short names: `{ enabled: 'true' }`. */
export function annotationsOf(
  values: Partial<Record<keyof typeof NAMESPACE_ANNOTATIONS, string>>,
): Readonly<Record<string, string>> {
  const keys = Object.keys(NAMESPACE_ANNOTATIONS) as (keyof typeof NAMESPACE_ANNOTATIONS)[];
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = values[key];
      return value === undefined ? [] : [[NAMESPACE_ANNOTATIONS[key], value] as const];
    }),
  );
}

type NamespaceChange = Partial<Omit<ObservedNamespace, 'request'>> & {
  readonly annotations?: Readonly<Record<string, string>>;
};

/** Opted in by annotation, with one ServiceAccount and no Secret. */
export function aNamespace({
  annotations = annotationsOf({ enabled: 'true' }),
  ...change
}: NamespaceChange = {}): ObservedNamespace {
  const name = change.name ?? 'team-a';
  return {
    name,
    uid: `uid-of-${name}`,
    resourceVersion: '1',
    labels: {},
    request: parseNamespaceAnnotations(annotations),
    terminating: false,
    serviceAccounts: [aServiceAccount('default', { namespace: name })],
    pullSecret: undefined,
    ...change,
  };
}

/** A namespace with everything in place. */
export function aSettledNamespace(change: NamespaceChange = {}): ObservedNamespace {
  const name = change.name ?? 'team-a';
  return aNamespace({
    serviceAccounts: [anAttachedAccount('default', { namespace: name })],
    pullSecret: aPullSecret({ namespace: name }),
    ...change,
  });
}

/** `attach`: the value of the annotation. */
type AccountChange = Partial<Omit<CachedServiceAccount, 'attach'>> & {
  readonly attach?: string | undefined;
};

export function aServiceAccount(
  name = 'default',
  { attach, imagePullSecrets = [], ...change }: AccountChange = {},
): CachedServiceAccount {
  return {
    namespace: 'team-a',
    name,
    uid: `uid-of-sa-${name}`,
    resourceVersion: '1',
    attach: parseAttach(attach),
    ...referring(imagePullSecrets),
    ...change,
  };
}

/** A list of references, and how many of them are ours. */
export function referring(
  imagePullSecrets: readonly { readonly name?: string }[],
): Pick<CachedServiceAccount, 'imagePullSecrets' | 'references'> {
  const references = imagePullSecrets.filter(({ name }) => name === SECRET_NAME).length;
  return { imagePullSecrets, references };
}

export function anAttachedAccount(
  name = 'default',
  change: AccountChange = {},
): CachedServiceAccount {
  return aServiceAccount(name, { imagePullSecrets: [{ name: SECRET_NAME }], ...change });
}

/** Minted an hour ago, with eleven hours left. */
export function aTokenRecord(change: Partial<TokenRecord> = {}): TokenRecord {
  const profile = change.profile ?? DEFAULT_PROFILE;
  return {
    profile,
    identity: change.identity ?? anIdentity(profile).hash,
    mintedAt: inMs(-HOUR_MS),
    expiresAt: inMs(11 * HOUR_MS),
    registries: [hostOf(profile)],
    ...change,
  };
}

/** Ours, fresh and whole. */
export function aPullSecret(change: Partial<CachedPullSecret> = {}): CachedPullSecret {
  return {
    namespace: 'team-a',
    name: SECRET_NAME,
    uid: 'uid-of-secret',
    resourceVersion: '1',
    appliedByUs: true,
    labelledOurs: true,
    labelsWhole: true,
    tamperedWith: [],
    foreignDataKeys: [],
    immutableSet: false,
    tokens: change.tokens ?? [aTokenRecord()],
    tokensOurs: true,
    dataOurs: true,
    configHash: change.configHash ?? configHashOf([aProfile()]),
    refreshRequestedAt: undefined,
    removalDueAt: undefined,
    terminating: false,
    ...change,
  };
}

/** A Secret restored from a backup: it has our label, but not our Apply entry. */
export function aRestoredSecret(change: Partial<CachedPullSecret> = {}): CachedPullSecret {
  return aPullSecret({
    uid: 'uid-of-restored-secret',
    appliedByUs: false,
    tamperedWith: ['data'],
    tokensOurs: false,
    dataOurs: false,
    ...change,
  });
}

/** A Secret that somebody else created. */
export function aForeignSecret(change: Partial<CachedPullSecret> = {}): CachedPullSecret {
  return aRestoredSecret({
    uid: 'uid-of-foreign-secret',
    labelledOurs: false,
    labelsWhole: false,
    tokens: undefined,
    configHash: undefined,
    ...change,
  });
}

export function aToken(change: Partial<RegistryToken> = {}): RegistryToken {
  return {
    identity: anIdentity(),
    authorization: new SecretText(btoa('AWS:password')),
    mintedAt: NOW,
    expiresAt: inMs(12 * HOUR_MS),
    expiryTrusted: true,
    ownRegistry: HOST,
    ...change,
  };
}

/** The need of a Secret without a token: any fresh token is good enough. */
export function aTokenNeed(change: Partial<TokenNeed> = {}): TokenNeed {
  return {
    profile: DEFAULT_PROFILE,
    login: { identity: anIdentity(), hosts: [HOST] },
    jitter: 0.5,
    refresh: { atLifetimeFraction: 0.4, jitterFraction: 0.1 },
    notBefore: undefined,
    notOutlivedBy: undefined,
    holdsLiveToken: false,
    ...change,
  };
}
