/** Where the demo takes place: a cluster, an ECR, a clock that can run faster, and the running controller. */
import type { SecretText } from '../../src/domain/secret-text.ts';
import type { ClusterClient } from './cluster-client.ts';
import type { Narrator } from './narrator.ts';
import type { StoryTime } from './story-time.ts';

/** The three teams of the story. */
interface Teams {
  readonly payments: string;
  readonly search: string;
  /** Its ServiceAccount names a pull secret of its own before the demo begins. */
  readonly web: string;
}

/** The ECR in this process. A real one neither fails on request nor reports its calls. */
export interface EmbeddedEcr {
  /** Calls for a token so far. */
  readonly calls: number;
  fail(): void;
  heal(): void;
  /** Until when ECR accepts this password; throws an Error if it never issued it. */
  expiryOf(password: SecretText): Date;
}

export interface Stage {
  readonly narrator: Narrator;
  /** As an administrator. */
  readonly cluster: ClusterClient;
  /** How a person would call kubectl for this cluster. */
  readonly kubectl: string;
  readonly secretName: string;
  readonly teams: Teams;
  readonly time: StoryTime;
  /** `undefined` if ECR is not simulated. */
  readonly ecr: EmbeddedEcr | undefined;
  /** The grace period after an opt-out, in hours of the story. */
  readonly graceHours: number;
  /** The same in words. */
  readonly graceText: string;
  /** Within how many hours of the story everything recovers from an outage. */
  readonly recoveryHours: number;
  readonly controller: RunningController;
}

export interface RunningController {
  /** Where health and metrics are served. */
  readonly port: number;
  /** Everything that it has logged. */
  readonly log: () => string;
  /** The text of `/metrics`. */
  metrics(): Promise<string>;
  /** Part of every token, and of nothing else; `undefined` if the tokens are not simulated. */
  readonly marker: string | undefined;
}
