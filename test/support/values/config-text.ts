/** Parses configurations for tests, in a fixed environment. */
import type { ConfigEnvironment, ParsedConfig } from '../../../src/config/parse-config.ts';
import type { Identity } from '../../../src/domain/identity.ts';
import type { Profile } from '../../../src/domain/settings.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';

export const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

export const environment: ConfigEnvironment = {
  region: 'eu-west-1',
  isSchedule: (expression) => !expression.includes('bad'),
};

/** Fails the test if the configuration is refused as a whole. */
export function parseOk(
  text: string,
  environmentOfTest: Partial<ConfigEnvironment> = {},
): Extract<ParsedConfig, { kind: 'ok' }> {
  const result = parseConfig(text, { ...environment, ...environmentOfTest });
  if (result.kind === 'ok') return result;
  throw new Error(JSON.stringify(result.faults));
}

/** Fails the test if the profile is missing or faulty. */
export function profileIn(text: string, name: string): Profile {
  const state = parseOk(text).settings.profiles.get(name);
  if (state?.kind !== 'healthy') throw new Error(`profile ${name} is not healthy`);
  return state.profile;
}

/** The AWS identities of this profile. */
export function identitiesIn(text: string, name: string): readonly Identity[] {
  return profileIn(text, name).logins.map(({ identity }) => identity);
}

/** Each fault as `path: message`, including those of profiles. */
export function faultsOf(text: string): readonly string[] {
  const result = parseConfig(text, environment);
  const faults = result.kind === 'ok' ? result.profileFaults : result.faults;
  return faults.map(({ path, message }) => `${path}: ${message}`);
}
