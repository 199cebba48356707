/** The administrator's configuration as the oracle sees it, and as a file. */
import { HOUR_MS, MINUTE_MS } from '../support/builders.ts';
import type { RandomStream } from './random-stream.ts';

export interface ConfigModel {
  readonly profiles: readonly ProfileModel[];
  readonly selector: Matcher | undefined;
  readonly exclude: readonly string[];
  readonly graceMs: number;
  /** Pending removals above this stop all of them. */
  readonly brake: '5%' | number;
  readonly atLifetimeFraction: number;
  readonly attach: boolean;
}

export interface ProfileModel {
  readonly name: string;
  readonly region: string;
  readonly hosts: readonly string[];
  /** `undefined`: everybody. */
  readonly allowed: Matcher | undefined;
  /** A slip in it disables it, and it alone. */
  readonly isFaulty: boolean;
}

export type Matcher =
  { readonly prefix: string } | { readonly label: readonly [key: string, value: string] };

/** Of the process: only a restart changes them. */
export interface Budget {
  readonly qps: number;
  readonly burst: number;
}

export const TIER = 'tier';
export const TEAM = 'team';

/** Refused by any process that reads it: the last good configuration stays in effect. */
export const BROKEN_FILES = ['profiles: {}', 'nonsense: true', '{{', 'refresh: {at: 7}'];

export function renderConfig(config: ConfigModel, budget: Budget): string {
  const { profiles, selector, exclude, graceMs, brake, atLifetimeFraction, attach } = config;
  return JSON.stringify({
    profiles: Object.fromEntries(profiles.map((profile) => [profile.name, renderProfile(profile)])),
    namespaces: {
      exclude,
      ...(selector === undefined ? {} : { selector: renderMatcher(selector) }),
    },
    refresh: { atLifetimeFraction, jitterFraction: 0.1 },
    removal: { gracePeriod: `${graceMs / 1000}s`, maxPerTenMinutes: brake },
    attach: { mode: attach ? 'serviceAccounts' : 'none' },
    kubernetes: budget,
  });
}

function renderProfile({ hosts, allowed, isFaulty }: ProfileModel): unknown {
  return {
    registries: isFaulty ? ['no registry'] : hosts,
    ...(allowed === undefined ? {} : { allowedNamespaces: renderAllowed(allowed) }),
  };
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
    profiles: [drawDefault(random), ...drawTeam(random), ...drawShared(random)],
    selector: random.pick([undefined, undefined, { label: [TIER, 'gold'] }, { prefix: 'auto-' }]),
    exclude: random.chance(0.1) ? ['team-c'] : ['kube-system'],
    graceMs: random.pick([0, MINUTE_MS, 5 * MINUTE_MS]),
    brake: random.pick(['5%', '5%', 1, 100]),
    atLifetimeFraction: random.pick([0.5, 0.5, 0.3]),
    attach: random.chance(0.95),
  };
}

/** One edit of the file, as an administrator makes it. */
export function editConfig(config: ConfigModel, random: RandomStream): ConfigModel {
  const other = drawConfig(random);
  switch (random.below(6)) {
    case 0:
      return { ...config, selector: other.selector };
    case 1:
      return { ...config, exclude: other.exclude };
    case 2:
      return { ...config, graceMs: other.graceMs, brake: other.brake };
    case 3:
      return { ...config, atLifetimeFraction: other.atLifetimeFraction };
    default:
      return { ...config, profiles: other.profiles };
  }
}

function drawDefault(random: RandomStream): ProfileModel {
  const region = 'eu-west-1';
  return {
    name: 'default',
    region,
    hosts: hostsIn(region, random.chance(0.2) ? 2 : 1),
    allowed: random.chance(0.1) ? { prefix: 'team-' } : undefined,
    isFaulty: random.chance(0.04),
  };
}

/** May be missing; often may not be used. */
function drawTeam(random: RandomStream): readonly ProfileModel[] {
  if (random.chance(0.1)) return [];
  const region = 'us-east-1';
  const allowed = random.pick<Matcher>([
    { label: [TEAM, 'yes'] },
    { label: [TEAM, 'yes'] },
    { prefix: 'team-' },
    { prefix: 'nobody-' },
  ]);
  return [
    { name: 'team', region, hosts: hostsIn(region, 1), allowed, isFaulty: random.chance(0.05) },
  ];
}

/** Of the same identity as `default`. */
function drawShared(random: RandomStream): readonly ProfileModel[] {
  if (random.chance(0.2)) return [];
  const allowed = random.pick<Matcher>([{ prefix: 'team-' }, { prefix: '' }]);
  const region = 'eu-west-1';
  return [{ name: 'shared', region, hosts: hostsIn(region, 3).slice(2), allowed, isFaulty: false }];
}

function hostsIn(region: string, count: number): readonly string[] {
  return Array.from(
    { length: count },
    (_, n) => `${String(111_111_111_111 * (n + 1))}.dkr.ecr.${region}.amazonaws.com`,
  );
}

/** How long tokens live. */
export function drawLifeMs(random: RandomStream): number {
  return random.pick([12 * HOUR_MS, 12 * HOUR_MS, 2 * HOUR_MS, HOUR_MS, 30 * MINUTE_MS]);
}
