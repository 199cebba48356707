/** What the configuration takes from the environment of the process. */
import type { ConfigEnvironment } from './parse-config.ts';
import { isSchedule } from '../base/cron.ts';

export function configEnvironmentOf(
  environment: Readonly<Record<string, string | undefined>>,
): ConfigEnvironment {
  return {
    // An empty variable is an unset one.
    region: environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'],
    isSchedule,
  };
}
