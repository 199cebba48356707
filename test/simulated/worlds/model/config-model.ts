/** The administrator's configuration as the oracle sees it, and as a file. */
import { HOUR_MS, MINUTE_MS } from '../../../support/values/builders.ts';
import type { RandomStream } from '../random-stream.ts';

export interface ConfigModel {
  readonly profiles: readonly ProfileModel[];
  readonly selector: Matcher | undefined;
  readonly exclude: readonly string[];
  readonly graceMs: number;
  /** While more removals than this are pending, none of them happens. */
  readonly brake: `${number}%` | number;
  readonly atLifetimeFraction: number;
  readonly attach: boolean;
}

export interface ProfileModel {
  readonly name: string;
  /** The role to assume; `undefined`: the process's own identity. */
  readonly role: string | undefined;
  /** In one region or several. */
  readonly hosts: readonly string[];
  /** `undefined`: every namespace. */
  readonly allowed: Matcher | undefined;
  /** It has a fault that disables it, and only it. */
  readonly isFaulty: boolean;
}

/** A registry login: what one token of a profile opens. */
export interface LoginModel {
  /** The AWS identity and its region, in the format of `identityNameOf`. */
  readonly identity: string;
  /** Sorted. */
  readonly hosts: readonly string[];
}

export type Matcher =
  { readonly prefix: string } | { readonly label: readonly [key: string, value: string] };

/** Settings of the process: only a restart changes them. */
export interface Budget {
  readonly qps: number;
  readonly burst: number;
  /** The only namespaces that are watched; `undefined`: all. */
  readonly only?: readonly string[] | undefined;
}

export const TIER = 'tier';
export const TEAM = 'team';

/** Every process that reads one of these refuses it: the last good configuration stays in effect. */
export const BROKEN_FILES = ['profiles: {}', 'nonsense: true', '{{', 'refresh: {at: 7}'];

/** The identities of drawn profiles; an added host may bring one more. */
export const IDENTITIES = [
  'eu-west-1',
  'eu-central-1',
  'us-east-1',
  'us-east-1 as team',
  'eu-west-1 as team',
  'eu-west-1 as vault',
  'us-east-1 as vault',
];

/** A percentage is a share of all our Secrets; five removals are always allowed. */
export function removalLimitOf({ brake }: ConfigModel, managed: number): number {
  return typeof brake === 'number' ? brake : Math.max(5, (parseFloat(brake) / 100) * managed);
}

export function identityNameOf(region: string, role: string | undefined): string {
  return role === undefined ? region : `${region} as ${role}`;
}

export function loginsOf({ hosts, role }: ProfileModel): readonly LoginModel[] {
  const groups = Map.groupBy(hosts, (host) => identityNameOf(host.split('.')[3] ?? '', role));
  return [...groups].map(([identity, members]) => ({ identity, hosts: [...members].sort() }));
}

export function renderConfig(config: ConfigModel, { only = [], ...budget }: Budget): string {
  const { profiles, selector, exclude, graceMs, brake, atLifetimeFraction, attach } = config;
  return JSON.stringify({
    profiles: Object.fromEntries(profiles.map((profile) => [profile.name, renderProfile(profile)])),
    namespaces: {
      exclude,
      ...(only.length === 0 ? {} : { only }),
      ...(selector === undefined ? {} : { selector: renderMatcher(selector) }),
    },
    refresh: { atLifetimeFraction, jitterFraction: 0.1 },
    removal: { gracePeriod: `${graceMs / 1000}s`, maxPerTenMinutes: brake },
    attach: { mode: attach ? 'serviceAccounts' : 'none' },
    kubernetes: budget,
  });
}

function renderProfile({ hosts, role, allowed, isFaulty }: ProfileModel): unknown {
  return {
    registries: isFaulty ? ['no registry'] : hosts,
    ...(role === undefined ? {} : { assumeRole: { roleArn: arnOf(role) } }),
    ...(allowed === undefined ? {} : { allowedNamespaces: renderAllowed(allowed) }),
  };
}

function arnOf(role: string): string {
  return `arn:aws:iam::999999999999:role/${role}`;
}

function renderAllowed(matcher: Matcher): unknown {
  return 'prefix' in matcher ? renderMatcher(matcher) : { selector: renderMatcher(matcher) };
}

function renderMatcher(matcher: Matcher): unknown {
  if ('prefix' in matcher) return { names: [`${matcher.prefix}*`] };
  const [key, value] = matcher.label;
  return { matchLabels: { [key]: value } };
}

export function drawConfig(random: RandomStream): ConfigModel {
  return {
    profiles: [
      drawDefault(random),
      ...drawTeam(random),
      ...drawShared(random),
      ...drawVault(random),
      ...drawVast(random),
    ],
    selector: random.pick([undefined, undefined, { label: [TIER, 'gold'] }, { prefix: 'auto-' }]),
    exclude: random.chance(0.1) ? ['team-c'] : ['kube-system'],
    graceMs: random.pick([0, MINUTE_MS, 5 * MINUTE_MS]),
    brake: random.pick(['5%', '5%', 1, 100]),
    atLifetimeFraction: random.pick([0.4, 0.4, 0.3]),
    attach: random.chance(0.95),
  };
}

/**
 * Every namespace may use the profiles, or the label allows it; no two profiles have the same host; the limit is a
 * share.
 */
export function drawPlainConfig(random: RandomStream): ConfigModel {
  const plain = { role: undefined, allowed: undefined, isFaulty: false };
  return {
    profiles: [
      { ...plain, name: 'default', hosts: hostsIn('eu-west-1', 1) },
      { ...plain, name: 'team', hosts: hostsIn('us-east-1', 1), allowed: { label: [TEAM, 'yes'] } },
      { ...plain, name: 'vault', hosts: hostsIn('eu-central-1', 1), allowed: { prefix: '' } },
    ],
    selector: undefined,
    exclude: ['kube-system'],
    graceMs: random.pick([3, 5]) * MINUTE_MS,
    brake: random.pick(['5%', '8%', '12%'] as const),
    atLifetimeFraction: 0.4,
    attach: true,
  };
}

/** One edit that an administrator makes to the file. */
export function editConfig(config: ConfigModel, random: RandomStream): ConfigModel {
  const other = drawConfig(random);
  switch (random.below(9)) {
    case 0:
      return { ...config, selector: other.selector };
    case 1:
      return { ...config, exclude: other.exclude };
    case 2:
      return { ...config, graceMs: other.graceMs, brake: other.brake };
    case 3:
      return { ...config, atLifetimeFraction: other.atLifetimeFraction };
    case 4:
      return { ...config, profiles: other.profiles };
    default:
      return { ...config, profiles: editProfiles(config.profiles, other.profiles, random) };
  }
}

/** A profile disappears, appears, gets or loses a fault, gets other users, or gets the registries of `other`. */
function editProfiles(
  profiles: readonly ProfileModel[],
  other: readonly ProfileModel[],
  random: RandomStream,
): readonly ProfileModel[] {
  const missing = other.filter(({ name }) => profiles.every((known) => known.name !== name));
  if (missing.length > 0 && random.chance(0.4)) return [...profiles, ...missing];
  const chosen = random.pick(profiles);
  const drawn = other.find(({ name }) => name === chosen?.name);
  if (chosen === undefined || (profiles.length > 1 && random.chance(0.2))) {
    return profiles.filter((profile) => profile !== chosen);
  }
  const edited = random.pick<ProfileModel>([
    { ...chosen, isFaulty: !chosen.isFaulty },
    { ...chosen, allowed: random.chance(0.5) ? NOBODY : { label: [TEAM, 'yes'] } },
    { ...chosen, allowed: { prefix: '' } },
    { ...chosen, hosts: [...new Set([...chosen.hosts, random.pick(SPARE_HOSTS) ?? ''])] },
    { ...chosen, hosts: drawn?.hosts ?? chosen.hosts, role: drawn?.role ?? chosen.role },
  ]);
  return profiles.map((profile) => (profile === chosen ? edited : profile));
}

const NOBODY: Matcher = { prefix: 'nobody-' };

/** Takes one profile away from the namespaces. */
export function takeAway(config: ConfigModel, random: RandomStream): ConfigModel {
  const { profiles } = config;
  const usable = profiles.filter(({ isFaulty, allowed }) => !isFaulty && allowed !== NOBODY);
  const chosen = random.pick(usable.length === 0 ? profiles : usable);
  if (chosen === undefined) return config;
  const isGone = profiles.length > 1 && random.chance(0.35);
  const left = random.chance(0.3) ? { ...chosen, isFaulty: true } : { ...chosen, allowed: NOBODY };
  return {
    ...config,
    profiles: profiles.flatMap((one) => {
      if (one !== chosen) return [one];
      return isGone ? [] : [left];
    }),
  };
}

function drawDefault(random: RandomStream): ProfileModel {
  const more = random.chance(0.3) ? hostsIn('eu-central-1', 1) : [];
  return {
    name: 'default',
    role: undefined,
    hosts: [...hostsIn('eu-west-1', random.chance(0.2) ? 2 : 1), ...more],
    allowed: random.chance(0.1) ? { prefix: 'team-' } : undefined,
    isFaulty: random.chance(0.04),
  };
}

/** May be missing; often namespaces may not use it. */
function drawTeam(random: RandomStream): readonly ProfileModel[] {
  if (random.chance(0.1)) return [];
  const allowed = random.pick<Matcher>([
    { label: [TEAM, 'yes'] },
    { label: [TEAM, 'yes'] },
    { prefix: 'team-' },
    NOBODY,
  ]);
  const role = random.chance(0.5) ? 'team' : undefined;
  const more = random.chance(0.25) ? hostsIn('eu-west-1', 5).slice(4) : [];
  const hosts = [...hostsIn('us-east-1', 1), ...more];
  return [{ name: 'team', role, hosts, allowed, isFaulty: random.chance(0.05) }];
}

/** Has the same identity as `default`; now and then it has a host of `default`, too. */
function drawShared(random: RandomStream): readonly ProfileModel[] {
  if (random.chance(0.2)) return [];
  const allowed = random.pick<Matcher>([{ prefix: 'team-' }, { prefix: '' }]);
  const more = random.chance(0.2) ? hostsIn('eu-west-1', 2).slice(random.below(2), 2) : [];
  const hosts = [...hostsIn('eu-west-1', 3).slice(2), ...more];
  return [{ name: 'shared', role: undefined, hosts, allowed, isFaulty: false }];
}

/** With a role of its own. */
function drawVault(random: RandomStream): readonly ProfileModel[] {
  if (random.chance(0.2)) return [];
  const allowed = random.pick<Matcher>([{ prefix: '' }, { prefix: '' }, { label: [TEAM, 'yes'] }]);
  const more = random.chance(0.2) ? hostsIn('us-east-1', 2).slice(random.below(2), 2) : [];
  const hosts = [...hostsIn('eu-west-1', 4).slice(3), ...more];
  return [{ name: 'vault', role: 'vault', hosts, allowed, isFaulty: random.chance(0.05) }];
}

/** So big that no Secret can hold it together with another profile. */
function drawVast(random: RandomStream): readonly ProfileModel[] {
  if (!random.chance(0.03)) return [];
  const hosts = Array.from({ length: 127 }, (_, n) => hostOf(200_000_000_000 + n, 'eu-west-1'));
  return [{ name: 'vast', role: undefined, hosts, allowed: { prefix: '' }, isFaulty: false }];
}

const SPARE_HOSTS = [
  ...hostsIn('eu-west-1', 6).slice(4),
  ...hostsIn('us-east-1', 3).slice(2),
  ...hostsIn('eu-central-1', 2),
];

function hostsIn(region: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => hostOf(111_111_111_111 * (n + 1), region));
}

function hostOf(account: number, region: string): string {
  return `${account}.dkr.ecr.${region}.amazonaws.com`;
}

/** How long tokens live. */
export function drawLifeMs(random: RandomStream): number {
  return random.pick([12 * HOUR_MS, 12 * HOUR_MS, 2 * HOUR_MS, HOUR_MS, 30 * MINUTE_MS]);
}
