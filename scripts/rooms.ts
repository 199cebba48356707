/**
 * The rooms of the program, and what each may import. A room is one folder without its sub-folders. They stand from the
 * ground upwards: a room imports only rooms above it in this file, so that no two can need each other. The linter
 * enforces the table, type imports included; tests hold it to the code.
 */
export interface Room {
  /** What it is for, in a few words. */
  readonly holds: string;
  /** Rooms, or single files of rooms. */
  readonly imports: readonly string[];
  /** Packages and modules of Node. */
  readonly packages?: readonly string[];
}

/** `commands` loads the demo at run time, so that `run` does not carry the simulator. */
export const DEMO = 'demo/run-demo.ts';

const KUBERNETES_WIRE = 'src/kubernetes/wire/wire.ts';
const AWS_WIRE = 'src/aws/network/aws-wire.ts';

export const ROOMS: Readonly<Record<string, Room>> = {
  'src/base': {
    holds: 'clocks, waiting and deadlines, back-off, the log port; knows nothing of the product',
    imports: [],
    packages: ['node-cron'],
  },

  'src/domain': {
    holds: 'the shared vocabulary: the contract with users, settings, errors, identities',
    imports: [],
    packages: ['node:util'],
  },
  'src/domain/token': {
    holds: 'registries, tokens, and when a token is due',
    imports: ['src/domain'],
    packages: ['node:crypto'],
  },
  'src/domain/state': {
    holds: 'the state of the cluster as cached',
    imports: ['src/domain', 'src/domain/token'],
  },
  'src/domain/eligibility': {
    holds: 'which namespaces are opted in, which profiles they may use, and whose a Secret is',
    imports: ['src/domain', 'src/domain/state'],
  },
  'src/domain/plan': {
    holds: 'what to do for a namespace, and why',
    imports: ['src/domain', 'src/domain/token', 'src/domain/state', 'src/domain/eligibility'],
  },

  'src/controller/ports': {
    holds: 'what the controller needs from the outside; adapters implement it',
    imports: ['src/base', 'src/domain', 'src/domain/token', 'src/domain/state'],
  },
  'src/controller/queue': {
    holds: 'which namespace comes next',
    imports: ['src/base'],
  },
  'src/controller/election': {
    holds: 'which replica leads',
    imports: ['src/base', 'src/domain'],
  },
  'src/controller/memory': {
    holds: 'what is remembered between passes',
    imports: [
      'src/base',
      'src/domain',
      'src/domain/state',
      'src/domain/plan',
      'src/controller/ports',
    ],
  },
  'src/controller/tokens': {
    holds: 'one mint per identity, however many namespaces ask',
    imports: ['src/base', 'src/domain', 'src/domain/token', 'src/controller/ports'],
  },
  'src/controller/pass': {
    holds: 'one pass over a namespace: observe, plan, apply',
    imports: [
      'src/base',
      'src/domain',
      'src/domain/token',
      'src/domain/state',
      'src/domain/eligibility',
      'src/domain/plan',
      'src/controller/ports',
      'src/controller/memory',
      'src/controller/tokens',
    ],
  },
  'src/controller': {
    holds: 'the controller: a term of leadership, its workers, and what wakes them',
    imports: [
      'src/base',
      'src/domain',
      'src/domain/state',
      'src/domain/eligibility',
      'src/controller/ports',
      'src/controller/queue',
      'src/controller/election',
      'src/controller/tokens',
      'src/controller/pass',
    ],
  },

  'src/config/patterns': {
    holds: 'configuration rules that a regular expression can state, here and in the chart',
    imports: [],
    packages: ['zod'],
  },
  'src/config': {
    holds: 'the configuration file: schema, faults with their paths, reload',
    imports: [
      'src/base',
      'src/domain',
      'src/domain/token',
      'src/domain/state',
      'src/domain/eligibility',
      'src/config/patterns',
    ],
    packages: ['yaml', 'zod'],
  },

  'src/telemetry/log': {
    holds: 'the log, and the redaction of secrets',
    imports: ['src/base', 'src/domain'],
    packages: ['node:fs', 'pino'],
  },
  'src/telemetry/metrics': {
    holds: 'the metrics for Prometheus',
    imports: ['src/base', 'src/domain/state', 'src/controller/ports'],
    packages: ['node:perf_hooks', 'prom-client'],
  },
  'src/telemetry/http': {
    holds: 'the endpoints: health and metrics',
    imports: ['src/base', 'src/domain', 'src/telemetry/metrics'],
    packages: ['node:http', 'node:net'],
  },
  'src/telemetry': {
    holds: 'how far our clock is from that of each server',
    imports: ['src/base', 'src/telemetry/metrics'],
  },

  'src/aws/errors': {
    holds: 'AWS failures in plain words, each with its fix',
    imports: ['src/base', 'src/domain'],
  },
  'src/aws/network': {
    holds: 'the connection to AWS: proxies, private CAs, the HTTP handler of the SDK',
    imports: ['src/base', 'src/domain', 'src/aws/errors'],
    packages: [
      '@aws-sdk/client-ecr',
      '@smithy/node-http-handler',
      'node:crypto',
      'node:fs/promises',
      'node:http',
      'node:https',
      'node:net',
      'node:tls',
    ],
  },
  'src/aws/credentials': {
    holds: 'where credentials come from: one file per source',
    imports: ['src/base', 'src/domain', 'src/aws/errors', 'src/aws/network'],
    packages: ['@aws-sdk/credential-providers', 'node:fs/promises', 'node:http', 'node:https'],
  },
  'src/aws/ecr': {
    holds: 'a token from ECR or ECR Public, verified before use',
    imports: [
      'src/base',
      'src/domain',
      'src/domain/token',
      'src/aws/errors',
      'src/aws/network',
      'src/aws/credentials',
    ],
    packages: ['@aws-sdk/client-ecr', '@aws-sdk/client-ecr-public'],
  },
  'src/aws': {
    holds: 'the token minter, and what `doctor` asks AWS',
    imports: [
      'src/base',
      'src/domain',
      'src/domain/token',
      'src/controller/ports',
      'src/aws/errors',
      'src/aws/network',
      'src/aws/credentials',
      'src/aws/ecr',
    ],
    packages: ['@aws-sdk/client-sts'],
  },

  'src/kubernetes/wire': {
    holds: 'how bytes reach the API server: kubeconfig, connections, the fence for writes',
    imports: ['src/base', 'src/domain'],
    packages: [
      '@kubernetes/client-node',
      'node:child_process',
      'node:fs',
      'node:fs/promises',
      'node:https',
      'node:path',
      'node:stream',
      'undici',
      'yaml',
    ],
  },
  'src/kubernetes/json': {
    holds: 'cuts JSON into pieces of bounded size while it arrives',
    imports: ['src/domain'],
  },
  'src/kubernetes/transport': {
    holds: 'requests: budget, errors, paging, streams of lines',
    imports: ['src/base', 'src/domain', 'src/kubernetes/wire', 'src/kubernetes/json'],
  },
  'src/kubernetes/watch': {
    holds: 'the reflector: list and watch into a cache',
    imports: [
      'src/base',
      'src/domain',
      'src/kubernetes/wire',
      'src/kubernetes/json',
      'src/kubernetes/transport',
    ],
  },
  'src/kubernetes/view': {
    holds: 'what we watch, and the part of it that we cache',
    imports: [
      'src/base',
      'src/domain',
      'src/domain/state',
      'src/controller/ports',
      'src/kubernetes/transport',
      'src/kubernetes/watch',
    ],
  },
  'src/kubernetes/write': {
    holds: 'writes to Secrets and ServiceAccounts, and the reads they need',
    imports: [
      'src/base',
      'src/domain',
      'src/domain/state',
      'src/controller/ports',
      'src/kubernetes/transport',
      'src/kubernetes/view',
    ],
  },
  'src/kubernetes/lease': {
    holds: 'the Lease of leader election',
    imports: [
      'src/base',
      'src/domain',
      'src/controller/election',
      'src/kubernetes/wire',
      'src/kubernetes/transport',
    ],
  },
  'src/kubernetes/events': {
    holds: 'Events: counted, rate-limited, sent',
    imports: ['src/base', 'src/controller/ports', 'src/kubernetes/transport'],
    packages: ['node:crypto'],
  },
  'src/kubernetes': {
    holds: 'the assembled parts, and the permissions they need',
    imports: [
      'src/base',
      'src/domain',
      'src/domain/state',
      'src/controller/ports',
      'src/controller/election',
      'src/kubernetes/wire',
      'src/kubernetes/transport',
      'src/kubernetes/view',
      'src/kubernetes/write',
      'src/kubernetes/lease',
      'src/kubernetes/events',
    ],
  },

  'src/platform': {
    holds: 'this machine, and the API server named by a kubeconfig',
    imports: ['src/base', 'src/aws/network', 'src/kubernetes/wire'],
    packages: ['node:os'],
  },
  'src/app': {
    holds: 'assembles the running controller and runs it as a process',
    imports: [
      'src/base',
      'src/domain',
      'src/controller/ports',
      'src/controller/election',
      'src/controller',
      'src/config',
      'src/telemetry/log',
      'src/telemetry/metrics',
      'src/telemetry/http',
      'src/telemetry',
      'src/aws/network',
      'src/aws',
      'src/kubernetes/wire',
      'src/kubernetes',
      'src/platform',
    ],
    packages: ['node:crypto', 'node:fs/promises', 'node:os'],
  },
  'src/doctor': {
    holds: 'checks everything that `run` needs',
    imports: [
      'src/base',
      'src/domain',
      'src/domain/token',
      'src/controller/ports',
      'src/config',
      'src/aws/network',
      'src/aws',
      'src/kubernetes/wire',
      'src/kubernetes/transport',
      'src/kubernetes',
      'src/platform',
    ],
    packages: ['node:fs/promises', 'node:util'],
  },
  'src/cleanup': {
    holds: 'removes everything that an instance has created',
    imports: [
      'src/base',
      'src/domain',
      'src/domain/state',
      'src/domain/eligibility',
      'src/controller/election',
      'src/config',
      'src/kubernetes/wire',
      'src/kubernetes/transport',
      'src/kubernetes',
      'src/platform',
    ],
    packages: ['node:fs/promises', 'node:util'],
  },

  'simulator/ground': { holds: 'clocks, waiting and streams of bytes', imports: ['src/base'] },
  'simulator/objects': { holds: 'objects, kinds, and the store', imports: [] },
  'simulator/tables': { holds: 'what `kubectl get` prints', imports: ['simulator/objects'] },
  'simulator/requests': {
    holds: 'what a request asks for, and whether it is allowed',
    imports: ['simulator/objects', 'simulator/tables', KUBERNETES_WIRE],
  },
  'simulator/reads': {
    holds: 'GET, LIST and WATCH',
    imports: [
      'src/base',
      'simulator/ground',
      'simulator/objects',
      'simulator/tables',
      'simulator/requests',
    ],
  },
  'simulator/patches': {
    holds: 'merge patch, JSON patch, server-side apply',
    imports: ['simulator/objects'],
    packages: ['node:util'],
  },
  'simulator/admission': {
    holds: 'defaults, validation, and what admission refuses',
    imports: ['simulator/objects', 'simulator/requests'],
    packages: ['node:util'],
  },
  'simulator/writes': {
    holds: 'POST, PUT, PATCH and DELETE',
    imports: [
      'simulator/objects',
      'simulator/requests',
      'simulator/patches',
      'simulator/admission',
    ],
    packages: ['node:util'],
  },
  'simulator/server': {
    holds: 'the API server: one request, one answer',
    imports: [
      'src/base',
      'simulator/objects',
      'simulator/requests',
      'simulator/reads',
      'simulator/patches',
      'simulator/writes',
    ],
  },
  simulator: {
    holds: 'a cluster: the server with its controllers, faults and people',
    imports: [
      'src/base',
      'src/domain',
      'simulator/ground',
      'simulator/objects',
      'simulator/tables',
      'simulator/requests',
      'simulator/reads',
      'simulator/writes',
      'simulator/server',
      KUBERNETES_WIRE,
    ],
  },
  'simulator/aws': {
    holds: 'ECR, STS and registries',
    imports: ['src/base', 'simulator/ground', AWS_WIRE],
  },
  'simulator/http': {
    holds: 'the cluster over HTTPS, for kubectl and for processes',
    imports: ['simulator/ground', 'simulator/objects', 'simulator/server', KUBERNETES_WIRE],
    packages: [
      'node:crypto',
      'node:http',
      'node:https',
      'node:net',
      'node:stream',
      'node:stream/promises',
    ],
  },

  'demo/stage': {
    holds: 'where the story plays: an embedded cluster, or a real one',
    imports: [
      'src/base',
      'src/domain',
      'src/platform',
      'src/app',
      'simulator/ground',
      'simulator/server',
      'simulator',
      'simulator/aws',
      'simulator/http',
      KUBERNETES_WIRE,
    ],
    packages: [
      'node:crypto',
      'node:fs/promises',
      'node:path',
      'node:timers/promises',
      'node:util',
      'yaml',
    ],
  },
  'demo/story': {
    holds: 'what happens, and the promises that are checked',
    imports: ['src/domain', 'demo/stage'],
  },
  demo: {
    holds: '`npm run demo`',
    imports: ['src/base', 'demo/stage', 'demo/story'],
    packages: ['node:fs/promises', 'node:os', 'node:path', 'node:timers/promises'],
  },

  'src/commands': {
    holds: 'from arguments to a command: one file per command',
    imports: [
      'src/domain',
      'src/config',
      'src/platform',
      'src/app',
      'src/doctor',
      'src/cleanup',
      DEMO,
    ],
    packages: ['commander', 'node:os'],
  },
  src: { holds: '`main.ts`: the edge of the process', imports: ['src/commands'] },
};
