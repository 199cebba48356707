/** A stage that was opened, and what is to be done around the story. */
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

export interface StageRequest {
  /** A directory of this run; it goes with it. */
  readonly dir: string;
  readonly narrator: Narrator;
}

export interface OpenStage {
  readonly stage: Stage;
  /** Of the teams' namespaces. */
  readonly teamLabels: Readonly<Record<string, string>>;
  /** What is real here and what is not. */
  readonly introduction: readonly string[];
  /** Commands for people, once the story is told. */
  readonly toPlayWith: readonly string[];
  /** Between the story and what people do with the stage. */
  settle(): Promise<void>;
  /** Leaves nothing behind; may be called while the story is still being told, which then fails. */
  close(): Promise<void>;
}
