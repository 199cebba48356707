/** The story from its first act to the summary. */
import { deleteSecret, optIn, optOut, startPod, tamper } from './acts.ts';
import { LifeWatch } from './life-watch.ts';
import { namespacePath } from '../stage/observe.ts';
import type { Stage } from '../stage/stage.ts';
import { outage, rotation } from './trials.ts';

/** `breathe` is called between the acts: time for people to read. */
export async function playStory(stage: Stage, breathe: () => Promise<void>): Promise<void> {
  const { ecr, narrator } = stage;
  const lives = new LifeWatch(stage);
  const acts = [
    () => optIn(stage),
    () => startPod(stage),
    () => deleteSecret(stage),
    () => tamper(stage),
    ...(ecr === undefined
      ? []
      : [() => outage(stage, ecr, lives), () => rotation(stage, ecr, lives)]),
    () => optOut(stage),
  ];
  for (const act of acts) {
    await act();
    await breathe();
  }
  if (ecr === undefined) {
    narrator.note('left out: the outage and the rotation, which need the simulated ECR');
  }
  await sumUp(stage, lives);
}

async function sumUp(stage: Stage, lives: LifeWatch): Promise<void> {
  const { narrator, time, ecr, controller } = stage;
  narrator.act('What all this took', time.label());
  const metrics = await controller.metrics();
  narrator.table([['OBJECT', 'WRITE', 'COUNT'], ...writeRows(metrics)]);
  if (ecr !== undefined) narrator.note(`calls to ECR: ${ecr.calls}`);
  await lives.check();
  narrator.note(`the shortest time any token had left: ${lives.describe()}`);
  const { marker } = controller;
  if (marker === undefined) return;
  await narrator.promise('no token appears in any log line, Event or metric', async () => {
    const events = await Promise.all(
      Object.values(stage.teams).map((team) => eventsOf(stage, team)),
    );
    const outputs = [controller.log(), metrics, ...events];
    if (outputs.some((text) => text.includes(marker))) throw new Error('one does');
    return `${outputs.reduce((sum, text) => sum + text.length, 0)} characters searched`;
  });
}

async function eventsOf({ cluster }: Stage, team: string): Promise<string> {
  return JSON.stringify(await cluster.find(`${namespacePath(team)}/events`));
}

const WRITES =
  /^ecr_pull_secrets_writes_total\{kind="(\w+)",verb="(\w+)",result="success"\} (\d+)$/gm;

/** The metric's label values, and how Kubernetes spells them. */
const KINDS: Readonly<Record<string, string>> = {
  secret: 'Secret',
  service_account: 'ServiceAccount',
};

function writeRows(metrics: string): readonly (readonly string[])[] {
  return [...metrics.matchAll(WRITES)]
    .map(([, kind = '', verb = '', count = '']) => [KINDS[kind] ?? kind, verb, count])
    .filter(([, , count]) => count !== '0');
}
