/** What the contract suite needs from a server, either the simulator or a real one. */
import type { Wire } from '../../../src/kubernetes/wire/wire.ts';

export interface ServerUnderTest {
  /** May do everything; what the controller would send may be sent with the controller's permissions. */
  readonly wire: Wire;
  /** How the controller lists and watches, as far as the chapters have a choice. */
  readonly scope: 'cluster' | 'namespace';
  /** Called with each chapter as it starts. */
  enter(chapter: string): void;
  /** A new user with exactly these permissions. */
  userWith(rules: readonly Permission[]): Promise<{ readonly name: string; readonly wire: Wire }>;
  /** Lets time pass, on the server's clock. */
  passTime(ms: number): Promise<void>;
  /** Afterwards older versions can't be read, watched from or continued. Open watches may break. */
  forgetHistory(): Promise<void>;
  stop(): Promise<void>;
}

export interface Permission {
  /** The core group by default. */
  readonly apiGroups?: readonly string[];
  /** Granted by a Role there; cluster-wide by default. */
  readonly namespace?: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}
