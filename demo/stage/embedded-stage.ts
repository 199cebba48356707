/** The stage of `npm run demo`: a simulated cluster and ECR in this process, on a clock that can run faster. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_SECRET_NAME, NAMESPACE_ANNOTATIONS } from '../../src/domain/contract.ts';
import { SimulatedAws } from '../../simulator/aws/simulated-aws.ts';
import { renderKubeconfig } from '../../simulator/http/kubeconfig.ts';
import { type ClusterServer, serveOverHttps } from '../../simulator/http/cluster-server.ts';
import { rulesOfUser } from '../../simulator/server/rbac-manifests.ts';
import { SimulatedCluster } from '../../simulator/simulated-cluster.ts';
import { ClusterClient } from './cluster-client.ts';
import { startController } from './controller.ts';
import { CREDENTIALS, embeddedEcr, MARKER, REGION } from './embedded-ecr.ts';
import { install, INSTALLED_USER, readInstallation } from './installation.ts';
import { PacedClock } from './paced-clock.ts';
import type { OpenStage, StageRequest } from './open-stage.ts';
import type { Stage } from './stage.ts';
import { formatClock } from './story-time.ts';

const HOUR_MS = 3_600_000;
/** The story takes less. Then the clock catches up with real time, so that kubectl shows correct ages. */
const STARTS_BEFORE_MS = 24 * HOUR_MS;
/** The real time of an hour of the story, for people and if nobody watches. */
const HOUR_TAKES_MS = 400;
const HOUR_TAKES_UNWATCHED_MS = 30;
const SHORTEST_PASS_MS = 30;

export async function openEmbeddedStage(request: StageRequest): Promise<OpenStage> {
  const { dir, narrator } = request;
  const hourTakesMs = narrator.isWatched ? HOUR_TAKES_MS : HOUR_TAKES_UNWATCHED_MS;
  const startMs = Date.now() - STARTS_BEFORE_MS;
  const clock = new PacedClock({ start: new Date(startMs) });
  const aws = new SimulatedAws({ clock, marker: MARKER });
  const { simulator, admin } = await openInstalledCluster(clock);
  const { server, kubeconfig } = await serve(simulator, dir);
  clock.start();
  const controller = await startController({
    dir,
    config: '{}\n',
    instance: 'default',
    marker: MARKER,
    platform: {
      environment: { AWS_REGION: REGION },
      clock,
      random: Math.random,
      apiServer: { address: 'the simulator', openWire: () => simulator.wire(INSTALLED_USER) },
      aws: { wire: aws.wire(), credentials: CREDENTIALS },
    },
  });
  return {
    stage: {
      ...SCENERY,
      narrator,
      cluster: admin,
      ecr: embeddedEcr(aws),
      controller,
      time: timeOf(clock, { startMs, hourTakesMs }),
    },
    teamLabels: {},
    introduction: INTRODUCTION,
    commandsToTry: commandsToTry(kubeconfig, controller.port),
    async settle() {
      narrator.note('the remaining hours until now pass, including a rotation');
      const behindMs = Date.now() - clock.now().getTime();
      if (behindMs > 0) await clock.pass(behindMs, hourTakesMs, () => Promise.resolve());
    },
    async close() {
      await admin.close();
      await controller.stop();
      await clock.stop();
      await server.close();
    },
  };
}

const SCENERY = {
  kubectl: 'kubectl',
  secretName: DEFAULT_SECRET_NAME,
  teams: { payments: 'payments', search: 'search', web: 'web' },
  graceHours: 1 / 6,
  graceText: '10 min',
  recoveryHours: 1 / 12,
} as const;

const INTRODUCTION = [
  'Kubernetes and ECR are simulated in this process; no image is pulled',
  'the controller is the real one, with the permissions of manifests/install.yaml',
  'tokens live 12 hours, like real ones; an hour of the story passes in under a second',
];

async function openInstalledCluster(
  clock: PacedClock,
): Promise<{ readonly simulator: SimulatedCluster; readonly admin: ClusterClient }> {
  const simulator = new SimulatedCluster({ clock });
  const admin = new ClusterClient(simulator.wire());
  const installation = await readInstallation();
  await install(admin, installation);
  simulator.setAccess(INSTALLED_USER, rulesOfUser(installation, INSTALLED_USER));
  return { simulator, admin };
}

/** Serves the cluster to kubectl, with a kubeconfig in `dir`. */
async function serve(
  simulator: SimulatedCluster,
  dir: string,
): Promise<{ readonly server: ClusterServer; readonly kubeconfig: string }> {
  const token = randomBytes(16).toString('hex');
  const server = await serveOverHttps({ cluster: simulator, users: { [token]: 'admin' } });
  const kubeconfig = join(dir, 'kubeconfig');
  await writeFile(kubeconfig, renderKubeconfig({ server: server.url, caPem: server.caPem, token }));
  return { server, kubeconfig };
}

function timeOf(
  clock: PacedClock,
  { startMs, hourTakesMs }: { readonly startMs: number; readonly hourTakesMs: number },
): Stage['time'] {
  const label = (): string => formatClock((clock.now().getTime() - startMs) / HOUR_MS);
  return {
    now: () => clock.now(),
    hourMs: HOUR_MS,
    label,
    waitS: (hours) => (hours * hourTakesMs) / 1_000,
    pass: (hours, onTick) => {
      const realMs = Math.max(SHORTEST_PASS_MS, hours * hourTakesMs);
      return clock.pass(hours * HOUR_MS, realMs, () => onTick(label()));
    },
  };
}

function commandsToTry(kubeconfig: string, port: number): readonly string[] {
  return [
    `export KUBECONFIG=${kubeconfig}`,
    'kubectl get namespaces',
    `kubectl annotate namespace default ${NAMESPACE_ANNOTATIONS.enabled}=true`,
    'kubectl get secrets,serviceaccounts -A',
    `kubectl -n payments delete secret ${DEFAULT_SECRET_NAME}`,
    `kubectl -n payments describe secret ${DEFAULT_SECRET_NAME}`,
    'kubectl -n payments get events   # the Warning is from act 5',
    `kubectl annotate --overwrite namespace search ${NAMESPACE_ANNOTATIONS.enabled}=false`,
    `curl -s http://127.0.0.1:${port}/metrics | grep -E '^ecr_pull_secrets_(managed|writes)'`,
  ];
}
