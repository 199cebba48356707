/** Options on the benchmarks' command line. */
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** New namespaces of each kind; 0 skips that benchmark. */
  readonly newcomers: number;
  /** Namespaces of the cold start; 0 skips it and everything that builds on it. */
  readonly namespaces: number;
  /** How many cold starts, and runs of the bare client. */
  readonly rounds: number;
  readonly unrelatedSecrets: number;
  /** Restarts over an unchanged state, to measure memory without and with unrelated Secrets; 0 skips that. */
  readonly restarts: number;
  readonly idleMs: number;
  /** ServiceAccounts of a megabyte; 0 skips that benchmark. */
  readonly largeAccounts: number;
  /** A build other than dist/main.mjs. */
  readonly program: string | undefined;
  /** A second build: only these two are measured, alternately. */
  readonly against: string | undefined;
  /** Node flags for the controller, such as `--cpu-prof`; printed with the figures. */
  readonly nodeFlags: readonly string[];
}

const FULL = {
  newcomers: 50,
  namespaces: 1000,
  rounds: 5,
  unrelatedSecrets: 5000,
  restarts: 3,
  idleMs: 60_000,
  largeAccounts: 20,
};
const QUICK = {
  newcomers: 20,
  namespaces: 100,
  rounds: 2,
  unrelatedSecrets: 500,
  restarts: 1,
  idleMs: 5000,
  largeAccounts: 20,
};

/** Throws a TypeError for an unknown flag. */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      newcomers: { type: 'string' },
      namespaces: { type: 'string' },
      rounds: { type: 'string' },
      'unrelated-secrets': { type: 'string' },
      restarts: { type: 'string' },
      'idle-ms': { type: 'string' },
      'large-accounts': { type: 'string' },
      program: { type: 'string' },
      against: { type: 'string' },
      'node-flag': { type: 'string', multiple: true, default: [] },
    },
  });
  const scale = values.quick ? QUICK : FULL;
  return {
    ...scale,
    newcomers: Number(values.newcomers ?? scale.newcomers),
    namespaces: Number(values.namespaces ?? scale.namespaces),
    rounds: Number(values.rounds ?? scale.rounds),
    unrelatedSecrets: Number(values['unrelated-secrets'] ?? scale.unrelatedSecrets),
    restarts: Number(values.restarts ?? scale.restarts),
    idleMs: Number(values['idle-ms'] ?? scale.idleMs),
    largeAccounts: Number(values['large-accounts'] ?? scale.largeAccounts),
    program: values.program,
    against: values.against,
    nodeFlags: values['node-flag'],
  };
}
