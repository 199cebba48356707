/** Reads the profiles, each by itself: a fault in one disables that one and no other. */
import { partitionOf } from '../domain/aws-partition.ts';
import { DEFAULT_PROFILE } from '../domain/contract.ts';
import { identityHash } from '../domain/hashes.ts';
import type { Identity } from '../domain/registry-token.ts';
import type { Profile, ProfileState } from '../domain/settings.ts';
import { type Fault, check, renderFault, renderPath } from './fault.ts';
import { profileSchema } from './profile-schema.ts';
import { judgeSize } from './secret-size.ts';

export interface ProfilesResult {
  readonly profiles: ReadonlyMap<string, ProfileState>;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
}

type ProfileResult =
  | { readonly profile: Profile; readonly warnings: readonly Fault[]; readonly faults?: never }
  | { readonly faults: readonly Fault[] };

const PROFILE_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export function readProfiles(written: Readonly<Record<string, unknown>>): ProfilesResult {
  return collect(Object.entries(written).map(([name, value]) => [name, readProfile(name, value)]));
}

/** Where the file has no `profiles`: `default` with the answer's own registry in the region of the environment. */
export function implyDefaultProfile(region: string | undefined): ProfilesResult {
  return collect([[DEFAULT_PROFILE, implyProfile(region)]]);
}

function implyProfile(region: string | undefined): ProfileResult {
  const path = renderPath(['profiles', DEFAULT_PROFILE]);
  if (region === undefined || region === '') {
    const message = 'no AWS region is known: set AWS_REGION, or name registries here';
    return { faults: [{ path, message }] };
  }
  if (partitionOf(region) === undefined) {
    const message =
      'the AWS region of the environment is not the name of a region: mend AWS_REGION, or name registries here';
    return { faults: [{ path, message }] };
  }
  const grants = [{ identity: identityIn(region), hosts: 'own' }] as const;
  const profile = { name: DEFAULT_PROFILE, allowedNamespaces: undefined, grants, asWritten: {} };
  return { profile, warnings: [] };
}

function readProfile(name: string, asWritten: unknown): ProfileResult {
  const at = ['profiles', name];
  const path = renderPath(at);
  const nameFaults = PROFILE_NAME.test(name)
    ? []
    : [{ path, message: 'a profile name must be 1 to 63 characters of a-z, 0-9 and -' }];
  const result = check(profileSchema, asWritten, at);
  const accessFaults = isAccessOpen(name, asWritten)
    ? [
        {
          path: `${path}.allowedNamespaces`,
          message: 'is missing: say who may use it, names: ["*"] for all namespaces',
        },
      ]
    : [];
  const faults = [...nameFaults, ...accessFaults, ...(result.faults ?? [])];
  if (result.faults !== undefined || faults.length > 0) return { faults };

  const { registries, allowedNamespaces } = result.value;
  const size = judgeSize(registries.hosts.length, `${path}.registries`);
  if (size.faults.length > 0) return { faults: size.faults };
  const grants = [{ identity: identityIn(registries.region), hosts: registries.hosts }];
  return { profile: { name, allowedNamespaces, grants, asWritten }, warnings: size.warnings };
}

/** Only `default` may do without `allowedNamespaces`; anything but a mapping is the schema's to report. */
function isAccessOpen(name: string, written: unknown): boolean {
  if (name === DEFAULT_PROFILE || typeof written !== 'object' || written === null) return false;
  return !Array.isArray(written) && !Object.hasOwn(written, 'allowedNamespaces');
}

function identityIn(region: string): Identity {
  return { hash: identityHash({ source: 'auto', region }), source: 'auto', region };
}

function collect(results: readonly (readonly [string, ProfileResult])[]): ProfilesResult {
  const states = results.map(([name, result]): [string, ProfileState] =>
    result.faults === undefined
      ? [name, { kind: 'healthy', profile: result.profile }]
      : [name, { kind: 'faulty', name, fault: result.faults.map(renderFault).join('; ') }],
  );
  return {
    profiles: new Map(states),
    faults: results.flatMap(([, result]) => result.faults ?? []),
    warnings: results.flatMap(([, result]) => (result.faults === undefined ? result.warnings : [])),
  };
}
