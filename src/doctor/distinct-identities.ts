/** Whom the profiles ask with, each identity once: what several profiles share is looked at once. */
import type { Identity } from '../domain/identity.ts';
import type { ProfileState } from '../domain/settings.ts';

export interface UsedIdentity {
  readonly identity: Identity;
  /** Names, in the order of the file. */
  readonly profiles: readonly string[];
  /** Registry hosts, each once. */
  readonly hosts: readonly string[];
  /** Also the registry that the answer names. */
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

/** Such as `team-a, team-b in eu-west-1`. */
export function describeUse({ identity, profiles }: UsedIdentity): string {
  const what = identity.service === 'ecr-public' ? 'ECR Public' : identity.region;
  return `${profiles.join(', ')} (${what})`;
}

/** Where the credentials come from, as configured. No external id. */
export function describeSource({ source, assumeRole }: Identity): string {
  const explicit = source.kind === 'webIdentity' ? source.explicit : undefined;
  const first = explicit === undefined ? source.kind : `${source.kind} as ${explicit.roleArn}`;
  return [first, ...assumeRole.map(({ roleArn }) => roleArn)].join(', then ');
}
