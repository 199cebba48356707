/** The demo from its first act to the sum of it all. */
import { deleteSecret, optIn, optOut, startPod, tamper } from './acts.ts';
import { LifeWatch } from './life-watch.ts';
import { namespacePath } from '../stage/look.ts';
import type { Stage } from '../stage/stage.ts';
import { outage, rotation } from './trials.ts';

/** `breathe` is called between the acts: time for people to read. */
export async function tellStory(stage: Stage, breathe: () => Promise<void>): Promise<void> {
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
    narrator.note('left out: the outage and the rotation, for which the ECR must be our own');
  }
  await sumUp(stage, lives);
}

async function sumUp(stage: Stage, lives: LifeWatch): Promise<void> {
  const { narrator, time, ecr, controller } = stage;
  narrator.act('What it took', time.label());
  const metrics = await controller.metrics();
  narrator.table([['OBJECT', 'WRITE', 'TIMES'], ...writeRows(metrics)]);
  if (ecr !== undefined) narrator.note(`calls of ECR: ${ecr.calls}`);
  await lives.look();
  narrator.note(`the least time that any Secret had left: ${lives.tell()}`);
  const { marker } = controller;
  if (marker === undefined) return;
  await narrator.promise('no token appears in any log line, Event or metric', async () => {
    const events = await Promise.all(
      Object.values(stage.teams).map((team) => eventsOf(stage, team)),
    );
    const told = [controller.log(), metrics, ...events];
    if (told.some((text) => text.includes(marker))) throw new Error('one does');
    return `${told.reduce((sum, text) => sum + text.length, 0)} characters were searched`;
  });
}

async function eventsOf({ cluster }: Stage, team: string): Promise<string> {
  return JSON.stringify(await cluster.find(`${namespacePath(team)}/events`));
}

const WRITES =
  /^ecr_pull_secrets_writes_total\{kind="(\w+)",verb="(\w+)",result="success"\} (\d+)$/gm;

function writeRows(metrics: string): readonly (readonly string[])[] {
  return [...metrics.matchAll(WRITES)]
    .map(([, kind = '', verb = '', times = '']) => [kind, verb, times])
    .filter(([, , times]) => times !== '0');
}
