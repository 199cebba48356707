/** What the contract suite needs of a server, be it the simulator or a real one. */
import type { Wire } from '../../../src/kubernetes/wire/wire.ts';

export interface ServerUnderTest {
  /** May do everything; what the controller would send may go under its rights. */
  readonly wire: Wire;
  /** How the controller lists and watches, as far as the chapters have a choice. */
  readonly scope: 'cluster' | 'namespace';
  /** Told of each chapter as it begins. */
  enter(chapter: string): void;
  /** A new user with exactly these rights. */
  userWith(rules: readonly Right[]): Promise<{ readonly name: string; readonly wire: Wire }>;
  /** Lets time pass, on the server's clock. */
  passTime(ms: number): Promise<void>;
  /** Afterwards versions from before can't be read, watched from or continued. Open watches may break. */
  forgetHistory(): Promise<void>;
  stop(): Promise<void>;
}

export interface Right {
  /** The core group, unless told. */
  readonly apiGroups?: readonly string[];
  /** Granted by a Role there; everywhere, unless told. */
  readonly namespace?: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}
