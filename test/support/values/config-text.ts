/** Configurations for tests, and what stands in for the environment they are read in. */
import type { ConfigEnvironment, ParsedConfig } from '../../../src/config/parse-config.ts';
import type { Identity } from '../../../src/domain/identity.ts';
import type { Profile } from '../../../src/domain/settings.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';

export const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

export const environment: ConfigEnvironment = {
  region: 'eu-west-1',
  isSchedule: (expression) => !expression.includes('bad'),
};

/** Fails the test where the configuration is refused as a whole. */
export function parseOk(
  text: string,
  environmentOfTest: Partial<ConfigEnvironment> = {},
): Extract<ParsedConfig, { kind: 'ok' }> {
  const result = parseConfig(text, { ...environment, ...environmentOfTest });
  if (result.kind === 'ok') return result;
  throw new Error(JSON.stringify(result.faults));
}

/** Fails the test where there is no such profile without a fault. */
export function profileIn(text: string, name: string): Profile {
  const state = parseOk(text).settings.profiles.get(name);
  if (state?.kind !== 'healthy') throw new Error(`profile ${name} is not healthy`);
  return state.profile;
}

/** Who asks AWS for this profile. */
export function identitiesIn(text: string, name: string): readonly Identity[] {
  return profileIn(text, name).logins.map(({ identity }) => identity);
}

/** Each as `path: message`; those of profiles too. */
export function faultsOf(text: string): readonly string[] {
  const result = parseConfig(text, environment);
  const faults = result.kind === 'ok' ? result.profileFaults : result.faults;
  return faults.map(({ path, message }) => `${path}: ${message}`);
}
