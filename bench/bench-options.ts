/** What the command line of the benchmarks asks for. */
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** New namespaces of each kind; 0 leaves that benchmark out. */
  readonly newcomers: number;
  /** Namespaces of the cold start; 0 leaves out all that stands on it. */
  readonly namespaces: number;
  /** Cold starts, and as many runs of the bare client. */
  readonly rounds: number;
  readonly unrelatedSecrets: number;
  /** Starts over the same state, for the memory of each of two states; 0 leaves that out. */
  readonly restarts: number;
  readonly idleMs: number;
  /** Another build than dist/main.mjs. */
  readonly program: string | undefined;
  /** A second build: both are measured in turns, and nothing else is. */
  readonly against: string | undefined;
  /** Flags of Node for the controller, such as `--cpu-prof`: to be told with the figures. */
  readonly nodeFlags: readonly string[];
}

const FULL = {
  newcomers: 50,
  namespaces: 1000,
  rounds: 5,
  unrelatedSecrets: 5000,
  restarts: 3,
  idleMs: 60_000,
};
const QUICK = {
  newcomers: 20,
  namespaces: 100,
  rounds: 2,
  unrelatedSecrets: 500,
  restarts: 1,
  idleMs: 5000,
};

/** Throws a TypeError for a flag that there is none of. */
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
    program: values.program,
    against: values.against,
    nodeFlags: values['node-flag'],
  };
}
