/** An open stage, and what is done around the story. */
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

export interface StageRequest {
  /** A directory for this run, removed at its end. */
  readonly dir: string;
  readonly narrator: Narrator;
}

export interface OpenStage {
  readonly stage: Stage;
  /** The labels of the teams' namespaces. */
  readonly teamLabels: Readonly<Record<string, string>>;
  /** What is real here and what is not. */
  readonly introduction: readonly string[];
  /** Commands for people to try after the story. */
  readonly commandsToTry: readonly string[];
  /** Called between the story and what people do with the stage. */
  settle(): Promise<void>;
  /** Leaves nothing behind. May be called while the story still runs, which then fails. */
  close(): Promise<void>;
}
