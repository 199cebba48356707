/** What the configuration takes from the program's surroundings. */
import type { ConfigEnvironment } from './config/parse-config.ts';
import { isSchedule } from './schedule.ts';

export function configEnvironmentOf(
  environment: Readonly<Record<string, string | undefined>>,
): ConfigEnvironment {
  return {
    // An empty variable is an unset one.
    region: environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'],
    isSchedule,
  };
}
