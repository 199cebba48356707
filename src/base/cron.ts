/** The safety net: a sweep over all namespaces by cron, in UTC, never two at once. Rotation does not depend on it. */
import { createTask, type Logger, validate } from 'node-cron';
import type { Log } from './log.ts';

/** Whether a cron expression can be run. */
export function isSchedule(expression: string): boolean {
  return validate(expression);
}

export interface Schedule {
  stop(): Promise<void>;
}

/** `expression` has been validated with the configuration. */
export function startSweeps(expression: string, sweep: () => void, log: Log): Schedule {
  const task = createTask(expression, sweep, {
    name: 'sweep',
    timezone: 'UTC',
    noOverlap: true,
    logger: cronLogger(log),
  });
  void task.start();
  return {
    async stop() {
      await task.destroy();
    },
  };
}

/** node-cron would write to the console. */
function cronLogger(log: Log): Logger {
  return {
    debug: (message) => log.debug({ detail: String(message) }, 'cron says'),
    info: (message) => log.debug({ detail: message }, 'cron says'),
    warn: (message) => log.warn({ detail: message }, 'cron warns'),
    error: (message) => log.warn({ detail: String(message) }, 'cron warns'),
  };
}
