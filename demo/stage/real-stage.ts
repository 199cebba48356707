/**
 * The stage on a real cluster: three throw-away namespaces, the only ones that the demo's controller sees, and tokens
 * that live one minute instead of 12 hours.
 */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openApiServer, type Platform, thisMachine } from '../../src/platform/platform.ts';
import { SimulatedAws } from '../../simulator/aws/simulated-aws.ts';
import { version } from '../../src/platform/version.ts';
import { checkPermissions } from './check-permissions.ts';
import { ClusterClient } from './cluster-client.ts';
import { type DemoController, startController } from './controller.ts';
import { CREDENTIALS, embeddedEcr, MARKER, REGION } from './embedded-ecr.ts';
import type { OpenStage, StageRequest } from './open-stage.ts';
import { scopedTo } from './scoped-connection.ts';
import { formatClock } from './story-time.ts';
import type { Stage } from './stage.ts';
import { throwAway } from './throw-away.ts';
import type { ApiServerConnection } from '../../src/kubernetes/wire/wire.ts';

export interface RealClusterRequest extends StageRequest {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** The endpoint of an ECR and STS to use instead of the simulated ones. */
  readonly awsEndpoint: string | undefined;
}

const LABEL = 'ecr-pull-secrets.io/demo';
/** Different from that of an installation: both may be running. */
const SECRET_NAME = 'ecr-pull-secret-demo';
const TOKEN_LIFE_MS = 60_000;
const REAL_TOKEN_LIFE_MS = 12 * 3_600_000;
const HOUR_MS = TOKEN_LIFE_MS / 12;
const GRACE_S = 5;
const TICK_MS = 200;

/** Connects, and changes nothing yet. Throws an Error that names what can't be reached. */
export async function openRealStage(request: RealClusterRequest): Promise<OpenStage> {
  const { narrator, kubeconfig, context, awsEndpoint } = request;
  const machine = thisMachine(process.env);
  const apiServer = openApiServer({ version: version(), kubeconfig, context }, machine);
  const run = randomBytes(4).toString('hex').slice(0, 5);
  const cluster = new ClusterClient(apiServer.openWire());
  await checkPermissions(cluster, apiServer.address);
  const aws =
    awsEndpoint === undefined
      ? new SimulatedAws({ clock: machine.clock, marker: MARKER, tokenLifeMs: TOKEN_LIFE_MS })
      : undefined;
  const controller = await startScoped(request, { machine, apiServer, aws, run });
  const teams = teamsOf(run);
  const kubectl = context === undefined ? 'kubectl' : `kubectl --context ${context}`;
  return {
    stage: {
      ...SCENERY,
      narrator,
      cluster,
      kubectl,
      teams,
      ecr: aws === undefined ? undefined : embeddedEcr(aws),
      controller,
      time: realTime(),
    },
    teamLabels: { [LABEL]: run },
    introduction: introduction({ address: apiServer.address, teams, awsEndpoint }),
    commandsToTry: commandsToTry({ kubeconfig, kubectl, run, teams, port: controller.port }),
    settle() {
      if (aws !== undefined) aws.tokenLifeMs = REAL_TOKEN_LIFE_MS;
      return Promise.resolve();
    },
    async close() {
      await cluster.close();
      try {
        await controller.stop();
      } finally {
        narrator.note('deleting the namespaces. If you interrupt this too, delete them yourself:');
        narrator.command(`${kubectl} delete namespace -l ${LABEL}=${run}`);
        await throwAway(apiServer, Object.values(teams));
      }
    },
  };
}

const SCENERY = {
  secretName: SECRET_NAME,
  graceHours: (GRACE_S * 1_000) / HOUR_MS,
  graceText: `${GRACE_S} s here, 10 min by default,`,
  recoveryHours: 6,
};

/** A controller that sees only the namespaces of this run. */
function startScoped(
  { dir }: RealClusterRequest,
  {
    machine,
    apiServer,
    aws,
    run,
  }: {
    readonly machine: Platform;
    readonly apiServer: ApiServerConnection;
    readonly aws: SimulatedAws | undefined;
    readonly run: string;
  },
): Promise<DemoController> {
  return startController({
    dir,
    config: `secretName: ${SECRET_NAME}\nremoval: {gracePeriod: ${GRACE_S}s}\n`,
    instance: `demo-${run}`,
    marker: aws === undefined ? undefined : MARKER,
    platform: {
      ...machine,
      environment: { AWS_REGION: machine.environment['AWS_REGION'] || REGION },
      apiServer: scopedTo(apiServer, `${LABEL}=${run}`),
      ...(aws === undefined ? {} : { aws: { wire: aws.wire(), credentials: CREDENTIALS } }),
    },
  });
}

function teamsOf(run: string): Stage['teams'] {
  return {
    payments: `ecr-demo-${run}-payments`,
    search: `ecr-demo-${run}-search`,
    web: `ecr-demo-${run}-web`,
  };
}

/** Starts now. An hour of the story takes a twelfth of a token's life. */
function realTime(): Stage['time'] {
  const startMs = Date.now();
  const label = (): string => formatClock((Date.now() - startMs) / HOUR_MS);
  return {
    now: () => new Date(),
    hourMs: HOUR_MS,
    label,
    waitS: (hours) => (hours * HOUR_MS) / 1_000,
    async pass(hours, onTick) {
      const endMs = Date.now() + hours * HOUR_MS;
      while (Date.now() < endMs) {
        await onTick(label());
        await pause(Math.min(TICK_MS, Math.max(0, endMs - Date.now())));
      }
    },
  };
}

function introduction({
  address,
  teams,
  awsEndpoint,
}: {
  readonly address: string;
  readonly teams: Stage['teams'];
  readonly awsEndpoint: string | undefined;
}): readonly string[] {
  return [
    `the cluster is ${address}, with the permissions of your kubeconfig`,
    `its namespaces for the demo: ${Object.values(teams).join(', ')}`,
    'all three are deleted at the end',
    'the controller is the real one, in this process, and sees no other namespace',
    awsEndpoint === undefined
      ? `ECR is simulated; its tokens live ${TOKEN_LIFE_MS / 1000} s, which stands for 12 hours`
      : `AWS is ${awsEndpoint}`,
    `an hour of the story takes ${HOUR_MS / 1000} s, and all of it about a minute and a half`,
  ];
}

function commandsToTry({
  kubeconfig,
  kubectl,
  run,
  teams,
  port,
}: {
  readonly kubeconfig: string | undefined;
  readonly kubectl: string;
  readonly run: string;
  readonly teams: Stage['teams'];
  readonly port: number;
}): readonly string[] {
  return [
    ...(kubeconfig === undefined ? [] : [`export KUBECONFIG=${resolve(kubeconfig)}`]),
    `${kubectl} get namespaces -l ${LABEL}=${run}`,
    `${kubectl} -n ${teams.payments} describe secret ${SECRET_NAME}`,
    `${kubectl} -n ${teams.payments} delete secret ${SECRET_NAME}`,
    `${kubectl} -n ${teams.search} get serviceaccount default -o yaml`,
    `curl -s http://127.0.0.1:${port}/metrics | grep -E '^ecr_pull_secrets_(managed|writes)'`,
  ];
}
