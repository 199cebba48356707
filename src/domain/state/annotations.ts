/**
 * Parses the annotations on Namespaces and ServiceAccounts, once for each state of an object: the caches keep what is
 * returned, and not the text. Bad input gives a readable fault, never an exception.
 */
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

type Parsed<T> =
  | { readonly kind: 'valid'; readonly value: T }
  /** Each fault names the annotation, what is wrong and what is allowed. */
  | { readonly kind: 'invalid'; readonly faults: readonly string[] };

/** A namespace's annotations. */
export type ParsedRequest =
  | Extract<Parsed<NamespaceRequest>, { kind: 'valid' }>
  | {
      readonly kind: 'invalid';
      readonly faults: readonly string[];
      /** Whether `enabled` is one of the invalid ones. */
      readonly isEnabledUnknown: boolean;
    };

type Annotations = Readonly<Record<string, string>>;

const UNSET = valid(undefined);
const TRUE = valid(true);
const FALSE = valid(false);
const ALL: ServiceAccountList = { kind: 'all' };
const NONE: ServiceAccountList = { kind: 'none' };
const ONLY_DEFAULT: readonly string[] = [DEFAULT_PROFILE];

const PROFILE_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
/** Longer values are rejected without parsing: they cost memory and time, and nobody needs them. */
const MAX_LENGTH = 16 * 1024;
const MAX_REQUEST_LENGTH = 256;
/** What is parsed stays in memory: a Secret holds fewer profiles, and for more ServiceAccounts there is `*`. */
const MAX_PROFILES = 128;
const MAX_SERVICE_ACCOUNTS = 1024;

export function parseNamespaceAnnotations(annotations: Annotations): ParsedRequest {
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
      isEnabledUnknown: enabled.kind === 'invalid',
    };
  }
  return {
    kind: 'valid',
    value: {
      enabled: enabled.value,
      profiles: profiles.value,
      serviceAccounts: serviceAccounts.value,
      refreshRequestedAt: refreshRequestedAt.value,
    },
  };
}

/** A ServiceAccount's `attach` annotation; the value is `undefined` if it is not set. */
export type Attach = Parsed<boolean | undefined>;

export function parseAttach(attach: string | undefined): Attach {
  const key = SERVICE_ACCOUNT_ANNOTATIONS.attach;
  return parseFlag(attach === undefined ? {} : { [key]: attach }, key);
}

/** Whether the namespace's list names this ServiceAccount. */
export function isListed(list: ServiceAccountList, name: string): boolean {
  return list.kind === 'all' || (list.kind === 'names' && list.names.has(name));
}

function parseFlag(annotations: Annotations, key: string): Parsed<boolean | undefined> {
  const value = annotations[key];
  if (value === undefined) return UNSET;
  if (value === 'true') return TRUE;
  if (value === 'false') return FALSE;
  return invalid(key, value, '"true" or "false"');
}

function parseProfiles(annotations: Annotations): Parsed<readonly string[]> {
  const key = NAMESPACE_ANNOTATIONS.profiles;
  const value = annotations[key];
  if (value === undefined) return valid(ONLY_DEFAULT);
  const names = parseNames(value, PROFILE_NAME, MAX_PROFILES);
  if (names !== undefined) return valid([...names]);
  const allowed = `up to ${MAX_PROFILES} profile names of a-z, 0-9 and "-", separated by commas`;
  return invalid(key, value, allowed);
}

function parseServiceAccounts(annotations: Annotations): Parsed<ServiceAccountList> {
  const key = NAMESPACE_ANNOTATIONS.serviceAccounts;
  const value = annotations[key];
  if (value === undefined || value.trim() === '*') return valid(ALL);
  if (value.trim() === 'none') return valid(NONE);
  const names = parseNames(value, OBJECT_NAME, MAX_SERVICE_ACCOUNTS);
  if (names !== undefined) return valid({ kind: 'names', names });
  const allowed = `"*", "none", or up to ${MAX_SERVICE_ACCOUNTS} ServiceAccount names separated by commas`;
  return invalid(key, value, allowed);
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

/** Without duplicates, in their order; `undefined` if one of them is no name, or there are too many. */
function parseNames(value: string, form: RegExp, most: number): ReadonlySet<string> | undefined {
  if (value.length > MAX_LENGTH) return undefined;
  const names = new Set(value.split(',').map((item) => item.trim()));
  const areNames = [...names].every((name) => form.test(name));
  return areNames && names.size <= most ? names : undefined;
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
