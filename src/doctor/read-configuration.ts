/** Reads the configuration as `run` would at start. */
import { readFile } from 'node:fs/promises';
import { type ConfigEnvironment, parseConfig } from '../config/parse-config.ts';
import { renderError } from '../domain/errors.ts';
import type { ConfigReading } from './check-configuration.ts';

/** `path`: `undefined` for all defaults. Never rejects. */
export async function readConfiguration(
  path: string | undefined,
  environment: ConfigEnvironment,
): Promise<ConfigReading> {
  try {
    return parseConfig(path === undefined ? '' : await readFile(path, 'utf8'), environment);
  } catch (error) {
    return { kind: 'unreadable', reason: renderError(error) };
  }
}
