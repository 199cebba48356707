/** The administrator's configuration as the rest of the program sees it: checked, complete, immutable. */
import type { Identity } from './identity.ts';

export interface Settings {
  /** By name. A profile with a fault in it stays in the map, so that it troubles instead of vanishing. */
  readonly profiles: ReadonlyMap<string, ProfileState>;
  readonly namespaces: {
    /** Opts in without an annotation; `undefined`: nobody. */
    readonly selector: NamespaceMatcher | undefined;
    /** Name patterns; beats every opt-in. */
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
  /** Who may use it; `undefined` (on `default` only): every namespace. */
  readonly allowedNamespaces: NamespaceMatcher | undefined;
  /** One per region. */
  readonly logins: readonly RegistryLogin[];
  /** The profile as written in the file, before defaults: what `config-hash` is made of. */
  readonly asWritten: unknown;
}

/** One identity and the registries that its token opens. */
export interface RegistryLogin {
  readonly identity: Identity;
  /** Registry hosts; `own`: the one that the answer names. */
  readonly hosts: readonly string[] | 'own';
}

/** Every part that is given must match. */
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
  /** When a namespace is due: this part of the token's life … */
  readonly atLifetimeFraction: number;
  /** … plus up to this part, by namespace. */
  readonly jitterFraction: number;
}

export interface RemovalSettings {
  readonly gracePeriodMs: number;
  /** How many removals may be pending at once. */
  readonly brake:
    | { readonly kind: 'fraction'; readonly fraction: number }
    | { readonly kind: 'count'; readonly count: number };
}
