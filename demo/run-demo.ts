/** The demo around its story: opens the stage, tells, keeps serving, and cleans up, also when it is interrupted. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { unlessAborted } from '../src/base/deadline.ts';
import { makeTeams } from './story/acts.ts';
import { openEmbeddedStage } from './stage/embedded-stage.ts';
import { Narrator } from './stage/narrator.ts';
import type { OpenStage } from './stage/open-stage.ts';
import { openRealStage } from './stage/real-stage.ts';
import { tellStory } from './story/story.ts';

export interface DemoOptions {
  readonly once: boolean;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly awsEndpoint: string | undefined;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  readonly stream: NodeJS.WriteStream;
}

/** As a shell tells the end by Ctrl-C. */
const INTERRUPTED = 130;
/** Between two acts, for people. */
const BREATH_MS = 1_200;
const LINES_OF_LOG = 20;

/** Gives the exit code: 1 where a promise of the story was not kept. Throws an Error where the stage can't be had. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const { stream } = options;
  const narrator = new Narrator({ stream });
  const interrupted = AbortSignal.any([options.interrupted, untilNobodyReads(stream)]);
  const dir = await mkdtemp(join(tmpdir(), 'ecr-pull-secrets-demo-'));
  narrator.title('ecr-pull-secrets: the demo\n');
  try {
    const open = await openStage(options, { dir, narrator });
    try {
      if (interrupted.aborted) return INTERRUPTED;
      await unlessInterrupted(perform(open, { ...options, interrupted }, narrator), interrupted);
      if (interrupted.aborted) return INTERRUPTED;
      return narrator.broken === 0 ? 0 : 1;
    } finally {
      await open.close();
      if (interrupted.aborted) narrator.note('stopped; nothing is left behind');
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** A reader that goes away (`| head`) ends the demo as Ctrl-C does: what it has made must not stay. */
function untilNobodyReads(stream: NodeJS.WriteStream): AbortSignal {
  const abort = new AbortController();
  stream.on('error', () => abort.abort());
  return abort.signal;
}

function openStage(
  { kubeconfig, context, awsEndpoint }: DemoOptions,
  request: { readonly dir: string; readonly narrator: Narrator },
): Promise<OpenStage> {
  const isEmbedded = kubeconfig === undefined && context === undefined;
  if (!isEmbedded) return openRealStage({ ...request, kubeconfig, context, awsEndpoint });
  if (awsEndpoint === undefined) return openEmbeddedStage(request);
  // Whatever kubectl's context happens to be: nobody has said that it may be played on.
  throw new Error('--aws-endpoint is for a real cluster: name it with --kubeconfig or --context');
}

async function perform(
  open: OpenStage,
  { once, interrupted }: DemoOptions,
  narrator: Narrator,
): Promise<void> {
  for (const line of open.introduction) narrator.note(line);
  try {
    await makeTeams(open.stage, open.teamLabels);
    await tellStory(open.stage, async () => {
      interrupted.throwIfAborted();
      if (narrator.isWatched) await pause(BREATH_MS);
    });
  } catch (error) {
    if (interrupted.aborted) return;
    narrator.brokenBy('the story goes on to its end', error);
  }
  const { kept, broken } = narrator;
  narrator.title(`\n${kept} promises kept, ${broken} broken`);
  if (broken > 0) narrator.log(troublesIn(open.stage.controller.log()).slice(-LINES_OF_LOG));
  if (!once) await serve(open, narrator, interrupted);
}

/** Warnings and errors, each once: what is said again differs by its time only. */
function troublesIn(log: string): readonly string[] {
  const lines = log.split('\n').filter((line) => /^\S+ (?:WARN|ERROR) /.test(line));
  return [...new Map(lines.map((line) => [line.replace(/^\S+ /, ''), line])).values()];
}

async function serve(open: OpenStage, narrator: Narrator, interrupted: AbortSignal): Promise<void> {
  await open.settle();
  narrator.note('It keeps running until Ctrl-C, in real time. Try, in a second terminal:');
  for (const command of open.toPlayWith) narrator.command(command);
  if (interrupted.aborted) return;
  await new Promise((resolve) => {
    interrupted.addEventListener('abort', resolve, { once: true });
  });
}

/** The story goes on for a while after an interruption, against closed connections: what it says then is nobody's. */
async function unlessInterrupted(story: Promise<void>, interrupted: AbortSignal): Promise<void> {
  try {
    await unlessAborted(story, interrupted);
  } catch (error) {
    if (!interrupted.aborted) throw error;
  }
}
