/**
 * The contract on who gets what, written down a second time and without a look at `src/domain`: from what a namespace
 * and its ServiceAccounts say and what the configuration says to what ought to be.
 */
import type { ApiObject } from '../../src/simulator/api-object.ts';
import type { ConfigModel, Matcher, ProfileModel } from './config-model.ts';

export const SECRET_NAME = 'ecr-pull-secret';
const PREFIX = 'ecr-pull-secrets.io';
export const ENABLED = `${PREFIX}/enabled`;
export const PROFILES = `${PREFIX}/profiles`;
export const SERVICE_ACCOUNTS = `${PREFIX}/service-accounts`;
export const REQUESTED = `${PREFIX}/refresh-requested-at`;
export const ATTACH = `${PREFIX}/attach`;

/** What people of a simulated cluster write that can't be read. */
export const BAD_ENABLED = 'yes';
export const BAD_PROFILES = 'Not A Name!';
export const BAD_ACCOUNTS = 'no/name';
export const BAD_ATTACH = 'perhaps';
const BAD_VALUES = [BAD_ENABLED, BAD_PROFILES, BAD_ACCOUNTS];

export type Standing = 'in' | 'out' | 'frozen' | 'excluded';
export type Access = 'granted' | 'denied' | 'absent' | 'faulty';

/** `namespaces.exclude` beats all, a fault freezes, the namespace's own word beats the selector. */
export function standingOf(namespace: ApiObject, config: ConfigModel): Standing {
  if (config.exclude.includes(namespace.metadata.name)) return 'excluded';
  const { annotations = {} } = namespace.metadata;
  const said = [annotations[ENABLED], annotations[PROFILES], annotations[SERVICE_ACCOUNTS]];
  if (said.some((value) => value !== undefined && BAD_VALUES.includes(value))) return 'frozen';
  const [enabled] = said;
  if (enabled !== undefined) return enabled === 'true' ? 'in' : 'out';
  return config.selector !== undefined && isMatch(config.selector, namespace) ? 'in' : 'out';
}

export function profileNameOf(namespace: ApiObject): string {
  return namespace.metadata.annotations?.[PROFILES] ?? 'default';
}

export function profileOf(name: string, config: ConfigModel): ProfileModel | undefined {
  return config.profiles.find((profile) => profile.name === name);
}

export function accessOf(name: string, namespace: ApiObject, config: ConfigModel): Access {
  const profile = profileOf(name, config);
  if (profile === undefined) return 'absent';
  if (profile.isFaulty) return 'faulty';
  return profile.allowed === undefined || isMatch(profile.allowed, namespace)
    ? 'granted'
    : 'denied';
}

/** Whether the ServiceAccount is to carry our entry while the namespace has a profile that works. */
export function isWanted(account: ApiObject, namespace: ApiObject): boolean | 'frozen' {
  const own = account.metadata.annotations?.[ATTACH];
  if (own === BAD_ATTACH) return 'frozen';
  if (own !== undefined) return own === 'true';
  const list = namespace.metadata.annotations?.[SERVICE_ACCOUNTS] ?? '*';
  if (list === '*' || list === 'none') return list === '*';
  return list.split(',').includes(account.metadata.name);
}

/** Whether a Secret with tokens of these profiles has to go. */
export function isToGo(
  { namespace, config }: { readonly namespace: ApiObject; readonly config: ConfigModel },
  { items }: { readonly items: readonly { readonly profile: string }[] },
): boolean {
  switch (standingOf(namespace, config)) {
    case 'out':
    case 'excluded':
      return true;
    case 'frozen':
      return false;
    case 'in':
      return (
        accessOf(profileNameOf(namespace), namespace, config) !== 'granted' &&
        items.some(({ profile }) => accessOf(profile, namespace, config) === 'denied')
      );
  }
}

export function isTerminating({ metadata }: ApiObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function isMatch(matcher: Matcher, { metadata }: ApiObject): boolean {
  if ('prefix' in matcher) return metadata.name.startsWith(matcher.prefix);
  const [key, value] = matcher.label;
  return metadata.labels?.[key] === value;
}
