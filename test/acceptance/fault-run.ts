/**
 * One run of an AWS fault: namespaces have tokens, ECR fails for a while from the first due moment on, then answers
 * again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import type { ControllerProcess } from '../support/process/controller-process.ts';
import { eventually } from '../support/suite/eventually.ts';
import { FakeAws } from '../support/aws/fake-aws.ts';
import { type EcrMode, JUNK_KINDS } from '../../simulator/aws/aws-modes.ts';
import { install } from '../support/cluster/install-chart.ts';
import { type LifeFigures, LifeSampler } from '../support/cluster/life-sampler.ts';
import { PullSecretWatch } from '../support/cluster/pull-secret-watch.ts';
import type { Rig } from '../support/cluster/rig.ts';

type Fault = Exclude<EcrMode['kind'], 'ok' | 'expiry'>;

export interface Proportions {
  readonly tokenLifeMs: number;
  readonly faultMs: number;
  readonly recoveryMs: number;
}

export interface FaultRecord {
  readonly namespaces: readonly string[];
  /** The fraction of the tokens' life that had passed when ECR was first called for the next one. */
  readonly firstAskedAtPart: number;
  readonly lifeLeftAtStartMs: number;
  /** During the fault. */
  readonly callsInFault: number;
  readonly changedInFault: readonly string[];
  readonly stalledInFault: number | undefined;
  readonly failuresInFault: number | undefined;
  readonly reportedInFault: readonly string[];
  readonly warningsInFault: number;
  /** From its end on. */
  readonly recoveredAfterMs: number;
  readonly stalledAfterwards: number | undefined;
  readonly recoveredInLog: readonly string[];
  readonly life: LifeFigures;
  readonly misshapen: readonly string[];
}

export interface FaultScenario {
  readonly fault: Fault;
  /** The Event's reason and the metric's label. */
  readonly reason: string;
  /** The metric's label `result`. */
  readonly result: string;
}

/** How many namespaces with the same trouble are logged at the same time (namespace-troubles.ts). */
export const LOGGED = 10;
const NAMESPACES = 12;

/** With its own instance, Secret name, namespaces and AWS: any number of runs can be parallel. */
export async function runFault(
  rig: Rig,
  scenario: FaultScenario,
  proportions: Proportions,
): Promise<FaultRecord> {
  const { fault } = scenario;
  const aws = await FakeAws.start({ tokenLifeMs: proportions.tokenLifeMs });
  const secretName = `ecr-pull-secret-${fault}`;
  const user = await install(rig.admin, { instance: fault, secretName });
  const watch = await PullSecretWatch.start(rig.admin, aws, secretName);
  const controller = await rig.run({
    kubeconfig: await rig.controlPlane.kubeconfigFor(user),
    awsUrl: aws.url,
    config: `secretName: ${secretName}\nnamespaces: {selector: {matchLabels: {fault: ${fault}}}}\n`,
    flags: ['--instance', fault],
  });
  const sampler = new LifeSampler(watch);
  try {
    const namespaces = await makeNamespaces(rig, fault, watch);
    const during = await suffer({ rig, aws, watch, controller, scenario }, proportions);
    const after = await recover({ aws, watch, controller, scenario }, proportions);
    const { misshapen } = watch;
    return { namespaces, ...during, ...after, life: sampler.figures, misshapen };
  } finally {
    sampler.stop();
    await watch.stop();
    await aws.stop();
  }
}

async function makeNamespaces(
  rig: Rig,
  fault: Fault,
  watch: PullSecretWatch,
): Promise<readonly string[]> {
  const names = Array.from({ length: NAMESPACES }, (_, n) => `${fault}-${n}`);
  for (const name of names) await rig.namespace(name, { labels: { fault } });
  await eventually({ what: `the Secrets of ${fault}`, limitMs: 20_000 }, () =>
    names.every((name) => watch.of(name) !== undefined),
  );
  return names;
}

interface Stage {
  readonly aws: FakeAws;
  readonly watch: PullSecretWatch;
  readonly controller: ControllerProcess;
  readonly scenario: FaultScenario;
}

async function suffer(
  { rig, aws, watch, controller, scenario }: Stage & { readonly rig: Rig },
  { tokenLifeMs, faultMs }: Proportions,
) {
  const { fault, reason, result } = scenario;
  const before = new Map(watch.secrets.map((secret) => [secret.namespace, secret]));
  const expiresAtMs = Math.min(...watch.secrets.map(({ expiresAt }) => expiresAt.getTime()));
  // Set before any Secret is due: the fault starts with the first call that it affects.
  aws.ecrMode = modeOf(fault, 0);
  const failed = () => aws.calls.filter(({ mode }) => mode !== 'ok');
  const first = await eventually(
    { what: `a Secret of ${fault} to be due`, limitMs: tokenLifeMs, everyMs: 20 },
    () => failed()[0],
  );
  const endsAtMs = first.at.getTime() + faultMs;
  while (Date.now() < endsAtMs - 3_000) {
    aws.ecrMode = modeOf(fault, failed().length);
    await delay(200);
  }
  const metrics = await controller.metrics();
  const events = await rig.admin.list('/api/v1/events');
  await delay(Math.max(0, endsAtMs - Date.now()));
  return {
    firstAskedAtPart: 1 - (expiresAtMs - first.at.getTime()) / tokenLifeMs,
    lifeLeftAtStartMs: expiresAtMs - first.at.getTime(),
    callsInFault: failed().length,
    changedInFault: watch.secrets
      .filter((now) => now.resourceVersion !== before.get(now.namespace)?.resourceVersion)
      .map(({ namespace }) => namespace),
    stalledInFault: metrics.value('ecr_pull_secrets_namespaces_stalled', { reason }),
    failuresInFault: metrics.value('ecr_pull_secrets_token_requests_total', { result }),
    reportedInFault: events.filter((event) => event['reason'] === reason).map(namespaceOf),
    warningsInFault: controller.log.filter(({ msg }) => msg === 'minting token failed').length,
  };
}

async function recover({ aws, watch, controller, scenario }: Stage, { recoveryMs }: Proportions) {
  const { fault, reason } = scenario;
  const endedAtMs = Date.now();
  const numberBefore = aws.tokensMinted;
  aws.ecrMode = { kind: 'ok' };
  // A limit beyond the requirement, so that a late recovery is reported as a figure.
  await eventually({ what: `fresh Secrets of ${fault}`, limitMs: 2 * recoveryMs }, () =>
    watch.secrets.every(({ tokenNumber }) => tokenNumber > numberBefore),
  );
  const recoveredAfterMs =
    Math.max(...watch.secrets.map(({ seenAt }) => seenAt.getTime())) - endedAtMs;
  const stalledOf = async () =>
    (await controller.metrics()).value('ecr_pull_secrets_namespaces_stalled', { reason });
  await eventually({ what: `the stall of ${fault} to clear`, limitMs: 5_000 }, async () =>
    [undefined, 0].includes(await stalledOf()),
  ).catch(() => undefined);
  const recoveredInLog = (): readonly string[] =>
    controller.log
      .filter((record) => record.msg === 'namespace has recovered' && record['reason'] === reason)
      .map((record) => String(record['namespace']));
  // Log lines are written some milliseconds after the fact.
  await eventually({ what: `the log to report the recovery from ${fault}`, limitMs: 5_000 }, () => {
    return new Set(recoveredInLog()).size >= LOGGED;
  }).catch(() => undefined);
  return {
    recoveredAfterMs,
    stalledAfterwards: await stalledOf(),
    recoveredInLog: recoveredInLog(),
  };
}

/** Junk comes in every kind, one after the other. */
function modeOf(fault: Fault, turn: number): EcrMode {
  if (fault !== 'junk') return { kind: fault };
  return { kind: 'junk', junk: JUNK_KINDS[turn % JUNK_KINDS.length] ?? 'html' };
}

function namespaceOf({ metadata }: KubeObject): string {
  return metadata.namespace ?? '';
}
