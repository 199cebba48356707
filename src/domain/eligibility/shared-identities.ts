/** Finds profiles whose `allowedNamespaces` restrict nobody, because another profile's token opens the same registries. */
import { canonicalJson } from '../canonical-json.ts';
import type { Identity } from '../identity.ts';
import type { NamespaceMatcher, Profile, ProfileState } from '../settings.ts';

export interface SharedIdentity {
  readonly region: string;
  /** Names, in the order of the file. */
  readonly profiles: readonly string[];
}

/** Each identity of healthy profiles that do not all allow the same namespaces. */
export function findSharedIdentities(
  profiles: ReadonlyMap<string, ProfileState>,
): readonly SharedIdentity[] {
  const users = new Map<string, { readonly region: string; readonly profiles: Profile[] }>();
  for (const state of profiles.values()) {
    if (state.kind === 'faulty') continue;
    for (const { identity } of state.profile.logins) {
      // What a token of ECR Public opens, everybody may pull.
      if (identity.service === 'ecr-public') continue;
      const principal = principalOf(identity);
      const known = users.get(principal) ?? { region: identity.region, profiles: [] };
      users.set(principal, known);
      known.profiles.push(state.profile);
    }
  }
  return [...users.values()]
    .filter((shared) => new Set(shared.profiles.map(allowedBy)).size > 1)
    .map((shared) => ({ ...shared, profiles: shared.profiles.map(({ name }) => name) }));
}

/** Who AWS sees, as far as the configuration tells. External ids and session names change nothing that a token opens. */
function principalOf({ source, assumeRole, region }: Identity): string {
  const last = assumeRole.at(-1);
  const explicit = source.kind === 'webIdentity' ? source.explicit : undefined;
  const role = last?.roleArn ?? explicit?.roleArn;
  const tags = last?.sessionTags ?? {};
  return canonicalJson(
    role === undefined ? { region, source: source.kind } : { region, role, tags },
  );
}

function allowedBy({ allowedNamespaces }: Profile): string {
  return canonicalJson(allowsAll(allowedNamespaces) ? undefined : allowedNamespaces);
}

function allowsAll(matcher: NamespaceMatcher | undefined): boolean {
  if (matcher === undefined) return true;
  const { names, matchLabels, matchExpressions } = matcher;
  const hasNoLabels = Object.keys(matchLabels).length + matchExpressions.length === 0;
  return hasNoLabels && names?.includes('*') === true;
}
