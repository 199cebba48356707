/**
 * The contract on who gets what, written down a second time and independently of `src/domain`: from the annotations of
 * a namespace and its ServiceAccounts and the configuration to the desired state.
 */
import type { ApiObject } from '../../../../simulator/objects/api-object.ts';
import type { ConfigModel, Matcher, ProfileModel } from './config-model.ts';
import { isLargeAccount, isLargeNamespace } from './large.ts';

export const SECRET_NAME = 'ecr-pull-secret';
const PREFIX = 'ecr-pull-secrets.io';
export const ENABLED = `${PREFIX}/enabled`;
export const PROFILES = `${PREFIX}/profiles`;
export const SERVICE_ACCOUNTS = `${PREFIX}/service-accounts`;
export const REQUESTED = `${PREFIX}/refresh-requested-at`;
export const ATTACH = `${PREFIX}/attach`;

/** Values that people of a simulated cluster write and that can't be parsed. */
export const BAD_ENABLED = 'yes';
export const BAD_PROFILES = 'Not A Name!';
export const BAD_ACCOUNTS = 'no/name';
export const BAD_ATTACH = 'perhaps';
const BAD_VALUES = [BAD_ENABLED, BAD_PROFILES, BAD_ACCOUNTS];

/** 512 KiB at 4 KiB per host: a namespace's Secret must stay below this. */
export const TOO_MANY_HOSTS = 128;

export type Standing = 'in' | 'out' | 'frozen' | 'excluded';
/** What a profile is to a namespace. All except the first and `denied` are stalled: a person must act. */
export type Eligibility = 'eligible' | 'denied' | 'absent' | 'faulty' | 'conflicting' | 'tooLarge';

/** The namespace and the configuration at one moment. */
export interface Rules {
  readonly namespace: ApiObject;
  readonly config: ConfigModel;
}

/** An item in a Secret that belongs to a profile. */
interface Owned {
  readonly profile: string;
}

/**
 * `namespaces.exclude` comes first, then what can't be read, an annotation or all of a large namespace, which freezes, then the namespace's own annotation,
 * then the selector.
 */
export function standingOf(namespace: ApiObject, config: ConfigModel): Standing {
  if (config.exclude.includes(namespace.metadata.name)) return 'excluded';
  if (isLargeNamespace(namespace)) return 'frozen';
  const { annotations = {} } = namespace.metadata;
  const said = [annotations[ENABLED], annotations[PROFILES], annotations[SERVICE_ACCOUNTS]];
  if (said.some((value) => BAD_VALUES.some((bad) => value?.includes(bad)))) return 'frozen';
  const [enabled] = said;
  if (enabled !== undefined) return enabled === 'true' ? 'in' : 'out';
  return config.selector !== undefined && isMatch(config.selector, namespace) ? 'in' : 'out';
}

/**
 * Whether our labels alone make a Secret ours there: where it is opted in, or frozen by anything but `enabled` (DESIGN.md
 * 2, "Whose is it?").
 */
export function doLabelsCount({ namespace, config }: Rules): boolean {
  const standing = standingOf(namespace, config);
  const isUnknown =
    isLargeNamespace(namespace) ||
    namespace.metadata.annotations?.[ENABLED]?.includes(BAD_ENABLED) === true;
  return standing === 'in' || (standing === 'frozen' && !isUnknown);
}

/** The profiles that it names, in its order. */
function wantedBy(namespace: ApiObject): readonly string[] {
  const said = namespace.metadata.annotations?.[PROFILES] ?? 'default';
  return [...new Set(said.split(',').map((name) => name.trim()))];
}

export function profileOf(name: string, config: ConfigModel): ProfileModel | undefined {
  return config.profiles.find((profile) => profile.name === name);
}

/**
 * The eligibility of each profile for the namespace. This covers the profiles that the namespace names; if it is not
 * opted in, or can't be read, those that its Secret has: a namespace that opts out has named them in an order, too.
 */
export function eligibilitiesIn(
  rules: Rules,
  items: readonly Owned[],
): ReadonlyMap<string, Eligibility> {
  const { namespace, config } = rules;
  const standing = standingOf(namespace, config);
  const wanted = wantedBy(namespace);
  if (standing === 'in') return eligibilitiesInOrder(wanted, rules);
  const profiles = items.map(({ profile }) => profile);
  const named = standing === 'frozen' ? [] : wanted.filter((name) => profiles.includes(name));
  const others = standing === 'out' && profiles.length === 0 ? wanted : profiles;
  return eligibilitiesInOrder([...named, ...others], rules);
}

export function eligibleProfiles(rules: Rules): readonly ProfileModel[] {
  if (standingOf(rules.namespace, rules.config) !== 'in') return [];
  return [...eligibilitiesIn(rules, [])].flatMap(([name, eligibility]) =>
    eligibility === 'eligible' ? (profileOf(name, rules.config) ?? []) : [],
  );
}

export function isStalled(eligibility: Eligibility | undefined): boolean {
  return eligibility !== undefined && eligibility !== 'eligible' && eligibility !== 'denied';
}

/** Of two profiles with the same host, the first keeps it; a profile that does not fit is left out as a whole. */
function eligibilitiesInOrder(
  names: readonly string[],
  rules: Rules,
): ReadonlyMap<string, Eligibility> {
  const listedProfiles = new Map<string, Eligibility>();
  const taken = new Set<string>();
  for (const name of new Set(names)) {
    const eligibility = eligibilityAlone(name, rules);
    const { hosts = [] } = profileOf(name, rules.config) ?? {};
    if (eligibility !== 'eligible') listedProfiles.set(name, eligibility);
    else if (hosts.some((host) => taken.has(host))) listedProfiles.set(name, 'conflicting');
    else if (taken.size + hosts.length >= TOO_MANY_HOSTS) listedProfiles.set(name, 'tooLarge');
    else {
      listedProfiles.set(name, 'eligible');
      for (const host of hosts) taken.add(host);
    }
  }
  return listedProfiles;
}

function eligibilityAlone(name: string, { namespace, config }: Rules): Eligibility {
  const profile = profileOf(name, config);
  if (profile === undefined) return 'absent';
  if (profile.isFaulty || profile.hosts.length >= TOO_MANY_HOSTS) return 'faulty';
  return profile.allowed === undefined || isMatch(profile.allowed, namespace)
    ? 'eligible'
    : 'denied';
}

export function isDenied(profile: string, rules: Rules): boolean {
  return eligibilityAlone(profile, rules) === 'denied';
}

/** Whether the ServiceAccount should carry our reference while the namespace has an eligible profile. */
export function isWanted(account: ApiObject, namespace: ApiObject): boolean | 'frozen' {
  const own = account.metadata.annotations?.[ATTACH];
  if (own === BAD_ATTACH || isLargeAccount(account)) return 'frozen';
  if (own !== undefined) return own === 'true';
  const list = namespace.metadata.annotations?.[SERVICE_ACCOUNTS] ?? '*';
  if (list === '*' || list === 'none') return list === '*';
  return list.split(',').includes(account.metadata.name);
}

/** Whether a Secret with these entries must be removed as a whole: nothing in it may stay. */
export function isToGo(rules: Rules, { items }: { readonly items: readonly Owned[] }): boolean {
  switch (standingOf(rules.namespace, rules.config)) {
    case 'out':
    case 'excluded':
      return true;
    case 'frozen':
      return false;
    case 'in': {
      const listedProfiles = eligibilitiesIn(rules, items);
      const found = items.map(({ profile }) => listedProfiles.get(profile));
      const isKept = found.some(
        (eligibility) => eligibility === 'eligible' || isStalled(eligibility),
      );
      return found.includes('denied') && !isKept;
    }
  }
}

/** Whether it may be removed as a whole: also if what is left in it is neither named nor allowed any more. */
export function mayGo(rules: Rules, secret: { readonly items: readonly Owned[] }): boolean {
  if (isToGo(rules, secret)) return true;
  if (standingOf(rules.namespace, rules.config) !== 'in') return false;
  const listedProfiles = eligibilitiesIn(rules, secret.items);
  return (
    secret.items.some(({ profile }) => eligibilityAlone(profile, rules) === 'denied') &&
    secret.items.every(({ profile }) => [undefined, 'denied'].includes(listedProfiles.get(profile)))
  );
}

/**
 * As `mayGo`, by what the Secret proves: if somebody has changed it, nothing vouches for an entry in it, so one that is
 * stalled need not stay (docs/reference/annotations.md).
 */
export function mayBeRemoved(
  rules: Rules,
  secret: { readonly items: readonly Owned[]; readonly isIntact: boolean },
): boolean {
  if (secret.isIntact) return mayGo(rules, secret);
  const listedProfiles = eligibilitiesIn(rules, secret.items);
  const items = secret.items.filter(({ profile }) => !isStalled(listedProfiles.get(profile)));
  return mayGo(rules, { items });
}

/** Whether this profile's entry may get a removal time. */
export function mayWithdraw(
  profile: string,
  rules: Rules,
  secret: { readonly items: readonly Owned[] },
): boolean {
  if (withdrawnIn(rules, secret).includes(profile)) return true;
  return mayGo(rules, secret) && eligibilityAlone(profile, rules) === 'denied';
}

/** The profiles that have an entry in the Secret and may no longer be used, although the namespace still names them. */
export function withdrawnIn(
  rules: Rules,
  { items }: { readonly items: readonly Owned[] },
): readonly string[] {
  if (standingOf(rules.namespace, rules.config) !== 'in') return [];
  const listedProfiles = eligibilitiesIn(rules, items);
  const names = items.map(({ profile }) => profile);
  return [...new Set(names)].filter((name) => listedProfiles.get(name) === 'denied');
}

export function isTerminating({ metadata }: ApiObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function isMatch(matcher: Matcher, namespace: ApiObject): boolean {
  const { metadata } = namespace;
  if ('prefix' in matcher) return metadata.name.startsWith(matcher.prefix);
  // Its labels are not known.
  if (isLargeNamespace(namespace)) return false;
  const [key, value] = matcher.label;
  return metadata.labels?.[key] === value;
}
