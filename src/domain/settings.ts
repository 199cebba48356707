/** The administrator's configuration as the rest of the program sees it: validated, complete, immutable. */
import type { Identity } from './identity.ts';

export interface Settings {
  /** By name. A faulty profile stays in the map, so that it is reported and not just missing. */
  readonly profiles: ReadonlyMap<string, ProfileState>;
  readonly namespaces: {
    /** Selects the namespaces that are opted in without an annotation; `undefined`: none. */
    readonly selector: NamespaceMatcher | undefined;
    /** Name patterns; overrides every opt-in. */
    readonly exclude: readonly string[];
  };
  readonly refresh: RefreshSettings;
  readonly removal: RemovalSettings;
  readonly attach: 'serviceAccounts' | 'none';
}

export type ProfileState =
  | { readonly kind: 'healthy'; readonly profile: Profile }
  /** `fault` names the path and the fix, for people. */
  | { readonly kind: 'faulty'; readonly name: string; readonly fault: string };

export interface Profile {
  readonly name: string;
  /** The namespaces that may use it; `undefined` (on `default` only): all. */
  readonly allowedNamespaces: NamespaceMatcher | undefined;
  /** One per region. */
  readonly logins: readonly RegistryLogin[];
  /** The profile as written in the file, before defaults: what `config-hash` is made from. */
  readonly asWritten: unknown;
}

/** One identity of a profile with the registry hosts that its token opens. */
export interface RegistryLogin {
  readonly identity: Identity;
  /** Registry hosts; `own`: the one that AWS's answer names. */
  readonly hosts: readonly string[] | 'own';
}

/** Every part that is set must match. */
export interface NamespaceMatcher {
  /** Name patterns, one of which must match (`*` stands for any run of characters); `undefined`: any name. */
  readonly names: readonly string[] | undefined;
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly LabelRequirement[];
}

export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

export interface RefreshSettings {
  /** A namespace is due after this fraction of the token's lifetime … */
  readonly atLifetimeFraction: number;
  /** … plus up to this fraction, fixed for each namespace. */
  readonly jitterFraction: number;
}

export interface RemovalSettings {
  readonly gracePeriodMs: number;
  /** How many removals may be pending at once. */
  readonly brake:
    | { readonly kind: 'fraction'; readonly fraction: number }
    | { readonly kind: 'count'; readonly count: number };
}
