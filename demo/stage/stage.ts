/** Where the demo plays: a cluster, an ECR, a time that can be made to pass, and the controller at work. */
import type { SecretText } from '../../src/domain/secret-text.ts';
import type { ClusterClient } from './cluster-client.ts';
import type { Narrator } from './narrator.ts';
import type { StoryTime } from './story-time.ts';

/** The three teams of the story. */
interface Teams {
  readonly payments: string;
  readonly search: string;
  /** It has an entry of its own in its ServiceAccount before we come. */
  readonly web: string;
}

/** The ECR of this process; a real one does not fail on request, and does not say what it was asked. */
export interface EmbeddedEcr {
  /** Calls for a token so far. */
  readonly calls: number;
  fail(): void;
  heal(): void;
  /** Until when ECR takes this password; throws an Error that says why it would not. */
  expiryOf(password: SecretText): Date;
}

export interface Stage {
  readonly narrator: Narrator;
  /** As an administrator. */
  readonly cluster: ClusterClient;
  /** What a person would write before every command of this demo. */
  readonly kubectl: string;
  readonly secretName: string;
  readonly teams: Teams;
  readonly time: StoryTime;
  /** `undefined`: the endpoint is somebody else's. */
  readonly ecr: EmbeddedEcr | undefined;
  /** The grace period after an opt-out, in hours of the story. */
  readonly graceHours: number;
  /** The same for people. */
  readonly graceTold: string;
  /** Within how many hours of the story all is well again after an outage. */
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
  /** What every token has in it, and nothing else may have; `undefined` where tokens are not ours. */
  readonly marker: string | undefined;
}
