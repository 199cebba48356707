/** CPU and memory that a process has used so far, as Linux reports them. */
import { readFile } from 'node:fs/promises';

export interface ProcessUsage {
  /** User and system time of all threads. */
  readonly cpuMs: number;
  readonly rssMb: number;
  /** The largest RSS so far. */
  readonly peakRssMb: number;
}

/** USER_HZ, which Linux shows to programs as 100 on every machine that Node runs on. */
const TICK_MS = 10;

export async function readProcessUsage(pid: number): Promise<ProcessUsage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  // The second field, the program's name, is in parentheses and may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  return {
    cpuMs: (userTicks + systemTicks) * TICK_MS,
    rssMb: megabytesOf(status, 'VmRSS'),
    peakRssMb: megabytesOf(status, 'VmHWM'),
  };
}

function megabytesOf(status: string, field: string): number {
  const kibibytes = Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  return (kibibytes * 1024) / 1e6;
}
