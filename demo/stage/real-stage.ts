/**
 * The stage on a real cluster: three throw-away namespaces, which are all that the demo's controller gets to see, and
 * tokens that live a minute in the place of 12 hours.
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
import { tellClock } from './story-time.ts';
import type { Stage } from './stage.ts';
import { throwAway } from './throw-away.ts';
import type { ApiServerConnection } from '../../src/kubernetes/wire/wire.ts';

export interface RealClusterRequest extends StageRequest {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Of an ECR and STS that are not ours. */
  readonly awsEndpoint: string | undefined;
}

const LABEL = 'ecr-pull-secrets.io/demo';
/** Another one than that of an installation: both may be at work. */
const SECRET_NAME = 'ecr-pull-secret-demo';
const TOKEN_LIFE_MS = 60_000;
const REAL_TOKEN_LIFE_MS = 12 * 3_600_000;
const HOUR_MS = TOKEN_LIFE_MS / 12;
const GRACE_S = 5;
const LOOK_EVERY_MS = 200;

/** Connects, and changes nothing yet. Throws an Error that says what can't be reached. */
export async function openRealStage(request: RealClusterRequest): Promise<OpenStage> {
  const { narrator, kubeconfig, context, awsEndpoint } = request;
  const machine = thisMachine(process.env);
  const access = openApiServer({ version: version(), kubeconfig, context }, machine);
  const run = randomBytes(4).toString('hex').slice(0, 5);
  const cluster = new ClusterClient(access.openWire());
  await checkPermissions(cluster, access.address);
  const aws =
    awsEndpoint === undefined
      ? new SimulatedAws({ clock: machine.clock, marker: MARKER, tokenLifeMs: TOKEN_LIFE_MS })
      : undefined;
  const controller = await startScoped(request, { machine, access, aws, run });
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
    introduction: introduction({ address: access.address, teams, awsEndpoint }),
    toPlayWith: toPlayWith({ kubeconfig, kubectl, run, teams, port: controller.port }),
    settle() {
      if (aws !== undefined) aws.tokenLifeMs = REAL_TOKEN_LIFE_MS;
      return Promise.resolve();
    },
    async close() {
      await cluster.close();
      try {
        await controller.stop();
      } finally {
        narrator.note('removing the namespaces; interrupted once more, it leaves them:');
        narrator.command(`${kubectl} delete namespace -l ${LABEL}=${run}`);
        await throwAway(access, Object.values(teams));
      }
    },
  };
}

const SCENERY = {
  secretName: SECRET_NAME,
  graceHours: (GRACE_S * 1_000) / HOUR_MS,
  graceTold: `${GRACE_S} s here, 10 min by default,`,
  recoveryHours: 6,
};

/** A controller that sees the namespaces of this run only. */
function startScoped(
  { dir }: RealClusterRequest,
  {
    machine,
    access,
    aws,
    run,
  }: {
    readonly machine: Platform;
    readonly access: ApiServerConnection;
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
      apiServer: scopedTo(access, `${LABEL}=${run}`),
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

/** From now on, an hour of the story in the twelfth part of a token's life. */
function realTime(): Stage['time'] {
  const startMs = Date.now();
  const label = (): string => tellClock((Date.now() - startMs) / HOUR_MS);
  return {
    now: () => new Date(),
    hourMs: HOUR_MS,
    label,
    waitS: (hours) => (hours * HOUR_MS) / 1_000,
    async pass(hours, look) {
      const endMs = Date.now() + hours * HOUR_MS;
      while (Date.now() < endMs) {
        await look(label());
        await pause(Math.min(LOOK_EVERY_MS, Math.max(0, endMs - Date.now())));
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
    `the cluster is ${address}, with the rights of your kubeconfig`,
    `in it: ${Object.values(teams).join(', ')}`,
    'all three namespaces are removed in the end',
    'the controller is the real one, in this process, and sees no other namespace',
    awsEndpoint === undefined
      ? `ECR is simulated; its tokens live ${TOKEN_LIFE_MS / 1000} s, which stand for 12 hours`
      : `AWS is ${awsEndpoint}`,
    `an hour of the story is ${HOUR_MS / 1000} s: it takes about a minute and a half`,
  ];
}

function toPlayWith({
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
