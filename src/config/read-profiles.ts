/** Reads the profiles, each on its own: a fault in one disables only that one. */
import { partitionOf } from '../domain/token/aws-partition.ts';
import { DEFAULT_PROFILE } from '../domain/contract.ts';
import type { Identity } from '../domain/identity.ts';
import type { Profile, ProfileState } from '../domain/settings.ts';
import { rolesOf } from './credentials-schema.ts';
import { type Fault, check, renderFault, renderPath } from './fault.ts';
import { identityOf } from './identity-of.ts';
import { PROFILE_NAME, profileSchema } from './profile-schema.ts';
import { judgeSize } from './secret-size.ts';

export interface ProfilesResult {
  readonly profiles: ReadonlyMap<string, ProfileState>;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
}

type ProfileResult =
  | {
      readonly profile: Profile;
      readonly isVerified: boolean;
      readonly warnings: readonly Fault[];
      readonly faults?: never;
    }
  | { readonly faults: readonly Fault[] };

export function readProfiles(written: Readonly<Record<string, unknown>>): ProfilesResult {
  return collect(Object.entries(written).map(([name, value]) => [name, readProfile(name, value)]));
}

/** If the file has no `profiles`: `default`, with the registry that ECR's answer names, in the environment's region. */
export function implyDefaultProfile(region: string | undefined): ProfilesResult {
  return collect([[DEFAULT_PROFILE, implyProfile(region)]]);
}

function implyProfile(region: string | undefined): ProfileResult {
  const path = renderPath(['profiles', DEFAULT_PROFILE]);
  if (region === undefined || region === '') {
    const message = 'no AWS region is known: set AWS_REGION, or list registries here';
    return { faults: [{ path, message }] };
  }
  if (partitionOf(region) === undefined) {
    const message =
      'the AWS region in the environment is not a valid region: fix AWS_REGION, or list registries here';
    return { faults: [{ path, message }] };
  }
  const identity = identityOf({ service: 'ecr', region });
  const logins = [{ identity, hosts: 'own' }] as const;
  const profile = { name: DEFAULT_PROFILE, allowedNamespaces: undefined, logins, asWritten: {} };
  return { profile, isVerified: false, warnings: [] };
}

function readProfile(name: string, asWritten: unknown): ProfileResult {
  const at = ['profiles', name];
  const path = renderPath(at);
  const nameFaults = PROFILE_NAME.test(name)
    ? []
    : [
        {
          path,
          message:
            'a profile name must be 1 to 63 characters of a-z, 0-9 and -, with no - at either end',
        },
      ];
  const result = check(profileSchema, asWritten, at);
  const eligibilityFaults = lacksAllowedNamespaces(name, asWritten)
    ? [
        {
          path: `${path}.allowedNamespaces`,
          message: 'is missing: set which namespaces may use the profile, names: ["*"] for all',
        },
      ]
    : [];
  const faults = [...nameFaults, ...eligibilityFaults, ...(result.faults ?? [])];
  if (result.faults !== undefined || faults.length > 0) return { faults };

  const { registries, credentials, assumeRole = [], verify, allowedNamespaces } = result.value;
  const webIdentity =
    credentials?.kind === 'webIdentity' && credentials.explicit !== undefined
      ? [credentials.explicit]
      : [];
  const foreign = [
    ...foreignRoles(webIdentity, registries.partition, `${path}.credentials.roleArn`),
    ...foreignRoles(assumeRole, registries.partition, `${path}.assumeRole`),
  ];
  const size = judgeSize(
    registries.groups.reduce((sum, { hosts }) => sum + hosts.length, 0),
    `${path}.registries`,
  );
  if (foreign.length + size.faults.length > 0) return { faults: [...foreign, ...size.faults] };
  const roles = rolesOf(assumeRole, name);
  const logins = registries.groups.map(({ hosts, ...about }) => ({
    identity: identityOf(about, credentials, roles),
    hosts,
  }));
  const profile = { name, allowedNamespaces, logins, asWritten };
  return { profile, isVerified: verify, warnings: size.warnings };
}

/** A role has permissions only in its own partition. */
function foreignRoles(
  roles: readonly { readonly roleArn: string }[],
  partition: string,
  path: string,
): readonly Fault[] {
  return roles.flatMap(({ roleArn }) => {
    const own = roleArn.split(':')[1] ?? '';
    const message = `has a role in partition ${own}, but the registries are in partition ${partition}`;
    return own === partition ? [] : [{ path, message }];
  });
}

/** Only `default` may omit `allowedNamespaces`; a value that is not a mapping is reported by the schema. */
function lacksAllowedNamespaces(name: string, written: unknown): boolean {
  if (name === DEFAULT_PROFILE || typeof written !== 'object' || written === null) return false;
  return !Array.isArray(written) && !Object.hasOwn(written, 'allowedNamespaces');
}

function collect(results: readonly (readonly [string, ProfileResult])[]): ProfilesResult {
  const verified = verifiedHosts(results);
  const states = results.map(([name, result]): [string, ProfileState] =>
    result.faults === undefined
      ? [name, { kind: 'healthy', profile: withVerification(result.profile, verified) }]
      : [name, { kind: 'faulty', name, fault: result.faults.map(renderFault).join('; ') }],
  );
  return {
    profiles: new Map(states),
    faults: results.flatMap(([, result]) => result.faults ?? []),
    warnings: results.flatMap(([, result]) => (result.faults === undefined ? result.warnings : [])),
  };
}

/** By identity: profiles share tokens, so if one of them wants its token verified, all get a verified one. */
function verifiedHosts(
  results: readonly (readonly [string, ProfileResult])[],
): ReadonlyMap<string, readonly string[]> {
  const hostsByIdentity = new Map<string, readonly string[]>();
  for (const [, result] of results) {
    if (result.faults !== undefined || !result.isVerified) continue;
    for (const { identity, hosts } of result.profile.logins) {
      const known = hostsByIdentity.get(identity.hash) ?? [];
      if (hosts !== 'own') hostsByIdentity.set(identity.hash, [...new Set([...known, ...hosts])]);
    }
  }
  return hostsByIdentity;
}

function withVerification(
  profile: Profile,
  verified: ReadonlyMap<string, readonly string[]>,
): Profile {
  const logins = profile.logins.map(({ identity, hosts }) => {
    const verifyHosts = verified.get(identity.hash) ?? [];
    const verifying: Identity = { ...identity, verifyHosts };
    return { identity: verifying, hosts };
  });
  return { ...profile, logins };
}
