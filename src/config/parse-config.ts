/** Turns the text of the file into settings. Pure: equal text and environment give equal settings. */
import { findSharedIdentities } from '../domain/eligibility/shared-identities.ts';
import { type Scope, scopeOf } from '../domain/scope.ts';
import type { Settings } from '../domain/settings.ts';
import { type Fault, check } from './fault.ts';
import { readYaml } from './read-yaml.ts';
import { implyDefaultProfile, readProfiles, type ProfilesResult } from './read-profiles.ts';
import { fileSchema } from './schema.ts';

/** Settings that change only with a restart. */
export interface ProcessSettings {
  /** `namespaces.only`. */
  readonly scope: Scope;
  readonly secretName: string;
  /** The budget of requests to the API server: per second, and at once. */
  readonly kubernetes: { readonly qps: number; readonly burst: number };
  /** Cron, UTC. */
  readonly sweep: { readonly schedule: string };
}

export interface ConfigEnvironment {
  /** `AWS_REGION`, else `AWS_DEFAULT_REGION`. */
  readonly region: string | undefined;
  /** Whether a cron expression can be scheduled. */
  readonly isSchedule: (expression: string) => boolean;
}

export type ParsedConfig =
  | {
      readonly kind: 'ok';
      readonly settings: Settings;
      readonly process: ProcessSettings;
      /** Why profiles are `faulty` in the settings. */
      readonly profileFaults: readonly Fault[];
      readonly warnings: readonly Fault[];
    }
  /** All faults, including those of profiles. */
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] };

/** Never throws. An empty file means all defaults. */
export function parseConfig(text: string, environment: ConfigEnvironment): ParsedConfig {
  const yaml = readYaml(text);
  if (yaml.kind === 'invalid') return yaml;
  const written = yaml.value ?? {};
  const file = check(fileSchema(environment.isSchedule), written);
  const profiles = profilesIn(written, environment.region);
  const topFaults = [...(file.faults ?? []), ...profiles.topFaults];
  if (file.faults !== undefined || topFaults.length > 0) {
    return { kind: 'invalid', faults: [...topFaults, ...profiles.faults] };
  }

  const { namespaces, refresh, removal, secretName, attach, kubernetes, sweep } = file.value;
  const { gracePeriod: gracePeriodMs, maxPerTenMinutes: brake } = removal;
  return {
    kind: 'ok',
    settings: {
      profiles: profiles.profiles,
      namespaces: { selector: namespaces.selector, exclude: namespaces.exclude },
      refresh,
      removal: { gracePeriodMs, brake },
      attach: attach.mode,
    },
    process: { scope: scopeOf(namespaces.only), secretName, kubernetes, sweep },
    profileFaults: profiles.faults,
    warnings: [...profiles.warnings, ...judgeSharing(profiles.profiles)],
  };
}

const MAX_NAMED = 10;

/** Reports profiles whose `allowedNamespaces` look like a restriction but are none. */
function judgeSharing(profiles: Settings['profiles']): readonly Fault[] {
  return findSharedIdentities(profiles).map(({ region, profiles: names }) => {
    const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
    const who = `${names.slice(0, MAX_NAMED).join(', ')}${more}`;
    const why = `use the same AWS identity in ${region}, so the token of one opens the registries of all there, and their different allowedNamespaces restrict nobody`;
    const what =
      'give each of them a role of its own (assumeRole), which may pull from its registries only; or give all of them the same allowedNamespaces';
    return { path: 'profiles', message: `${who} ${why}: ${what}` };
  });
}

const NONE: ProfilesResult = { profiles: new Map(), faults: [], warnings: [] };

/**
 * Without a key `profiles` the default profile is implied. The key with nothing under it is most likely a mistake, and
 * would stall every namespace.
 */
function profilesIn(
  written: unknown,
  region: string | undefined,
): ProfilesResult & { readonly topFaults: readonly Fault[] } {
  if (!isMapping(written)) return { ...NONE, topFaults: [] };
  if (!Object.hasOwn(written, 'profiles')) return { ...implyDefaultProfile(region), topFaults: [] };
  const { profiles } = written;
  if (isMapping(profiles) && Object.keys(profiles).length > 0) {
    return { ...readProfiles(profiles), topFaults: [] };
  }
  const message =
    'must be a mapping of at least one profile: add one, or remove the key for the implied default';
  return { ...NONE, topFaults: [{ path: 'profiles', message }] };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
