/** The identities that the profiles use, each once: an identity that several profiles share is checked once. */
import type { Identity } from '../domain/identity.ts';
import type { ProfileState } from '../domain/settings.ts';

export interface UsedIdentity {
  readonly identity: Identity;
  /** Names, in the order of the file. */
  readonly profiles: readonly string[];
  /** Registry hosts, each once. */
  readonly hosts: readonly string[];
  /** Whether the registry that ECR's answer names is used too. */
  readonly wantsOwn: boolean;
}

export function distinctIdentities(
  profiles: ReadonlyMap<string, ProfileState>,
): readonly UsedIdentity[] {
  const byHash = new Map<string, UsedIdentity>();
  for (const [name, state] of profiles) {
    if (state.kind === 'faulty') continue;
    for (const { identity, hosts } of state.profile.logins) {
      const known = byHash.get(identity.hash);
      byHash.set(identity.hash, {
        identity,
        profiles: [...new Set([...(known?.profiles ?? []), name])],
        hosts: [...new Set([...(known?.hosts ?? []), ...(hosts === 'own' ? [] : hosts)])],
        wantsOwn: (known?.wantsOwn ?? false) || hosts === 'own',
      });
    }
  }
  return [...byHash.values()];
}

/** Such as `team-a, team-b (eu-west-1)`. */
export function describeUse({ identity, profiles }: UsedIdentity): string {
  const what = identity.service === 'ecr-public' ? 'ECR Public' : identity.region;
  return `${profiles.join(', ')} (${what})`;
}

/** Where the credentials come from, as configured. Without external ids. */
export function describeSource({ source, assumeRole }: Identity): string {
  const explicit = source.kind === 'webIdentity' ? source.explicit : undefined;
  const name = source.kind === 'auto' ? 'default chain (auto)' : source.kind;
  const first = explicit === undefined ? name : `${name} as ${explicit.roleArn}`;
  return [first, ...assumeRole.map(({ roleArn }) => roleArn)].join(', then ');
}
