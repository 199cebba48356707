/** What the configuration file has to say: every fault, and every warning, on a line of its own. */
import type { Fault } from '../config/fault.ts';
import type { ParsedConfig } from '../config/parse-config.ts';
import type { Check } from './check.ts';

export type ConfigReading = ParsedConfig | { readonly kind: 'unreadable'; readonly reason: string };

const REFUSED =
  'correct it: until then `run` refuses to start, and one that runs keeps the old one';
const DISABLED = 'correct it: until then this profile is disabled, and the others go on';
const BEARABLE = 'look at it again; it is in effect as it stands';

/** `path`: of the file; `undefined` where none is named. */
export function checkConfiguration(
  path: string | undefined,
  reading: ConfigReading,
): readonly Check[] {
  const subject = path ?? 'by default';
  if (reading.kind === 'unreadable') {
    const message = `the file can not be read: ${reading.reason}`;
    const fix = 'fix the mount, or --config';
    return [{ name: 'configuration', subject, status: 'failed', message, fix }];
  }
  if (reading.kind === 'invalid') {
    return reading.faults.map((fault) => complain(fault, subject, 'failed', REFUSED));
  }
  const { settings, process, profileFaults, warnings } = reading;
  const names = [...settings.profiles.keys()].join(', ');
  const message = `read: profiles ${names}; Secrets are called ${process.secretName}`;
  return [
    { name: 'configuration', subject, status: 'ok', message },
    ...profileFaults.map((fault) => complain(fault, subject, 'failed', DISABLED)),
    ...warnings.map((fault) => complain(fault, subject, 'warning', BEARABLE)),
  ];
}

function complain(
  { path, message }: Fault,
  file: string,
  status: 'failed' | 'warning',
  fix: string,
): Check {
  return { name: 'configuration', subject: path === '' ? file : path, status, message, fix };
}
