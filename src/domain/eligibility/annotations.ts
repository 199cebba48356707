/** Parses the annotations on Namespaces and ServiceAccounts. Bad input gives a readable fault, never an exception. */
import {
  DEFAULT_PROFILE,
  NAMESPACE_ANNOTATIONS,
  SERVICE_ACCOUNT_ANNOTATIONS,
} from '../contract.ts';
import { quote } from '../quote.ts';

export type ServiceAccountList =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'names'; readonly names: ReadonlySet<string> };

/** What a namespace asks for, with the defaults filled in. */
export interface NamespaceRequest {
  /** `undefined`: the annotation is not set. */
  readonly enabled: boolean | undefined;
  /** Without duplicates, in the order of the annotation: if two profiles have the same registry, the first one gets it. */
  readonly profiles: readonly string[];
  readonly serviceAccounts: ServiceAccountList;
  readonly refreshRequestedAt: string | undefined;
}

export type Parsed<T> =
  | { readonly kind: 'valid'; readonly value: T }
  /** Each fault names the annotation, what is wrong and what is allowed. */
  | { readonly kind: 'invalid'; readonly faults: readonly string[] };

type Annotations = Readonly<Record<string, string>>;

const PROFILE_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
/** Longer values are rejected without parsing: they cost memory and time, and nobody needs them. */
const MAX_LENGTH = 16 * 1024;
const MAX_REQUEST_LENGTH = 256;

export function parseNamespaceAnnotations(annotations: Annotations): Parsed<NamespaceRequest> {
  const enabled = parseFlag(annotations, NAMESPACE_ANNOTATIONS.enabled);
  const profiles = parseProfiles(annotations);
  const serviceAccounts = parseServiceAccounts(annotations);
  const refreshRequestedAt = parseRefreshRequest(annotations);
  if (
    enabled.kind === 'invalid' ||
    profiles.kind === 'invalid' ||
    serviceAccounts.kind === 'invalid' ||
    refreshRequestedAt.kind === 'invalid'
  ) {
    return {
      kind: 'invalid',
      faults: [enabled, profiles, serviceAccounts, refreshRequestedAt].flatMap(faultsOf),
    };
  }
  return valid({
    enabled: enabled.value,
    profiles: profiles.value,
    serviceAccounts: serviceAccounts.value,
    refreshRequestedAt: refreshRequestedAt.value,
  });
}

/** Whether the annotation `enabled` is absent, or can be parsed. */
export function isEnabledValid(annotations: Annotations): boolean {
  return parseFlag(annotations, NAMESPACE_ANNOTATIONS.enabled).kind === 'valid';
}

/** Parses a ServiceAccount's `attach` annotation; the value is `undefined` if it is not set. */
export function parseAttach(attach: string | undefined): Parsed<boolean | undefined> {
  const key = SERVICE_ACCOUNT_ANNOTATIONS.attach;
  return parseFlag(attach === undefined ? {} : { [key]: attach }, key);
}

/** Whether the namespace's list names this ServiceAccount. */
export function isListed(list: ServiceAccountList, name: string): boolean {
  return list.kind === 'all' || (list.kind === 'names' && list.names.has(name));
}

function parseFlag(annotations: Annotations, key: string): Parsed<boolean | undefined> {
  const value = annotations[key];
  if (value === undefined) return valid(undefined);
  if (value === 'true') return valid(true);
  if (value === 'false') return valid(false);
  return invalid(key, value, '"true" or "false"');
}

function parseProfiles(annotations: Annotations): Parsed<readonly string[]> {
  const key = NAMESPACE_ANNOTATIONS.profiles;
  const value = annotations[key];
  if (value === undefined) return valid([DEFAULT_PROFILE]);
  const names = splitList(value);
  if (names === undefined || !names.every((name) => PROFILE_NAME.test(name))) {
    return invalid(key, value, 'profile names of a-z, 0-9 and "-", separated by commas');
  }
  return valid([...new Set(names)]);
}

function parseServiceAccounts(annotations: Annotations): Parsed<ServiceAccountList> {
  const key = NAMESPACE_ANNOTATIONS.serviceAccounts;
  const value = annotations[key];
  if (value === undefined || value.trim() === '*') return valid({ kind: 'all' });
  if (value.trim() === 'none') return valid({ kind: 'none' });
  const names = splitList(value);
  if (names === undefined || !names.every((name) => OBJECT_NAME.test(name))) {
    return invalid(key, value, '"*", "none", or ServiceAccount names separated by commas');
  }
  return valid({ kind: 'names', names: new Set(names) });
}

function parseRefreshRequest(annotations: Annotations): Parsed<string | undefined> {
  const key = NAMESPACE_ANNOTATIONS.refreshRequestedAt;
  const value = annotations[key];
  if (value === undefined || isAtMost(MAX_REQUEST_LENGTH, value)) return valid(value);
  return invalid(key, value, `any text of up to ${MAX_REQUEST_LENGTH} characters`);
}

/** Whether a text has at most `limit` characters, counted as people and CEL do: code points, not UTF-16 units. */
function isAtMost(limit: number, text: string): boolean {
  return text.length <= limit || (text.length <= 2 * limit && Array.from(text).length <= limit);
}

function splitList(value: string): readonly string[] | undefined {
  return value.length > MAX_LENGTH ? undefined : value.split(',').map((item) => item.trim());
}

function valid<T>(value: T): Parsed<T> {
  return { kind: 'valid', value };
}

function invalid(key: string, value: string, allowed: string): Parsed<never> {
  const fault = `annotation ${key} has the invalid value ${quote(value)}; allowed: ${allowed}`;
  return { kind: 'invalid', faults: [fault] };
}

function faultsOf(parsed: Parsed<unknown>): readonly string[] {
  return parsed.kind === 'invalid' ? parsed.faults : [];
}
