/** Runs the demo around its story: opens the stage, plays the story, keeps serving, cleans up even if interrupted. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { unlessAborted } from '../src/base/deadline.ts';
import { createTeams } from './story/acts.ts';
import { openEmbeddedStage } from './stage/embedded-stage.ts';
import { Narrator } from './stage/narrator.ts';
import type { OpenStage } from './stage/open-stage.ts';
import { openRealStage } from './stage/real-stage.ts';
import { playStory } from './story/story.ts';

export interface DemoOptions {
  readonly once: boolean;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly awsEndpoint: string | undefined;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  readonly stream: NodeJS.WriteStream;
}

/** The exit code that shells report after Ctrl-C. */
const INTERRUPTED = 130;
/** Between two acts, for people to read. */
const BREATH_MS = 1_200;
const LOG_LINES = 20;

/** Returns the exit code: 1 if a promise of the story was broken. Throws an Error if the stage can't be opened. */
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

/** A reader that goes away (`| head`) ends the demo as Ctrl-C does: nothing that it created may stay. */
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
  // Never fall back to kubectl's current context: nobody said that the demo may use that cluster.
  throw new Error('--aws-endpoint is for a real cluster: name it with --kubeconfig or --context');
}

async function perform(
  open: OpenStage,
  { once, interrupted }: DemoOptions,
  narrator: Narrator,
): Promise<void> {
  for (const line of open.introduction) narrator.note(line);
  try {
    await createTeams(open.stage, open.teamLabels);
    await playStory(open.stage, async () => {
      interrupted.throwIfAborted();
      if (narrator.isWatched) await pause(BREATH_MS);
    });
  } catch (error) {
    if (interrupted.aborted) return;
    narrator.brokenBy('the story reaches its end', error);
  }
  const { kept, broken } = narrator;
  narrator.title(`\n${kept} promises kept, ${broken} broken`);
  if (broken > 0) narrator.log(warningsIn(open.stage.controller.log()).slice(-LOG_LINES));
  if (!once) await serve(open, narrator, interrupted);
}

/** Warnings and errors, each once: repetitions differ only in their time. */
function warningsIn(log: string): readonly string[] {
  const lines = log.split('\n').filter((line) => /^\S+ (?:WARN|ERROR) /.test(line));
  return [...new Map(lines.map((line) => [line.replace(/^\S+ /, ''), line])).values()];
}

async function serve(open: OpenStage, narrator: Narrator, interrupted: AbortSignal): Promise<void> {
  await open.settle();
  narrator.note('The demo keeps running in real time until Ctrl-C. Try in a second terminal:');
  for (const command of open.commandsToTry) narrator.command(command);
  if (interrupted.aborted) return;
  await new Promise((resolve) => {
    interrupted.addEventListener('abort', resolve, { once: true });
  });
}

/** After an interruption the story runs on for a while against closed connections: its errors no longer matter. */
async function unlessInterrupted(story: Promise<void>, interrupted: AbortSignal): Promise<void> {
  try {
    await unlessAborted(story, interrupted);
  } catch (error) {
    if (!interrupted.aborted) throw error;
  }
}
