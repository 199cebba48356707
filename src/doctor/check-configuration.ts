/** Checks the configuration file: every fault and every warning on a line of its own. */
import type { Fault } from '../config/fault.ts';
import type { ParsedConfig } from '../config/parse-config.ts';
import type { Check } from './check.ts';

export type ConfigReading = ParsedConfig | { readonly kind: 'unreadable'; readonly reason: string };

const REFUSED =
  'correct it: until then, `run` refuses to start, and a running controller keeps its previous configuration';
const DISABLED = 'correct it: until then, this profile is disabled; the others still work';
const IN_EFFECT = 'check that this is intended: it is in effect';

/** `path`: of the file; `undefined` if none is named. */
export function checkConfiguration(
  path: string | undefined,
  reading: ConfigReading,
): readonly Check[] {
  const subject = path ?? 'defaults';
  if (reading.kind === 'unreadable') {
    const message = `can't read the file: ${reading.reason}`;
    const fix = 'fix the mount, or --config';
    return [{ name: 'configuration', subject, status: 'failed', message, fix }];
  }
  if (reading.kind === 'invalid') {
    return reading.faults.map((fault) => faultCheck(fault, subject, 'failed', REFUSED));
  }
  const { settings, process, profileFaults, warnings } = reading;
  const names = [...settings.profiles.keys()].join(', ');
  const message = `valid; profiles: ${names}; name of the Secrets: ${process.secretName}`;
  return [
    { name: 'configuration', subject, status: 'ok', message },
    ...profileFaults.map((fault) => faultCheck(fault, subject, 'failed', DISABLED)),
    ...warnings.map((fault) => faultCheck(fault, subject, 'warning', IN_EFFECT)),
  ];
}

function faultCheck(
  { path, message }: Fault,
  file: string,
  status: 'failed' | 'warning',
  fix: string,
): Check {
  return { name: 'configuration', subject: path === '' ? file : path, status, message, fix };
}
