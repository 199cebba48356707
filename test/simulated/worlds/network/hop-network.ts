/** What a hop passes through, who sends it, and who observes it. */
import type { Faults } from '../../../../simulator/faults.ts';
import type { ProcessClock } from '../../../support/ports/process-clock.ts';
import type { History } from '../history.ts';
import type { Followed, HopRequest } from './hop-request.ts';
import type { RandomStream } from '../random-stream.ts';
import type { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import type { View } from '../model/view.ts';
import type { Weather } from '../weather/weather.ts';
import type { Webhooks } from '../weather/webhooks.ts';

export interface NetworkParts {
  readonly time: VirtualClock;
  readonly random: RandomStream;
  readonly weather: Weather;
  readonly webhooks?: Webhooks;
  readonly history: History;
  /** The simulator's faults, each for one request. */
  readonly faults: Faults;
  readonly observer: HopObserver;
}

export interface HopObserver {
  sent(hop: HopRequest): void;
  /** The server has acted; `status` is 0 if the connection broke. */
  served(hop: HopRequest, status: number): void;
  /**
   * The body has arrived, whatever its content; if it is not whole, the process can't rely on it. A head alone is no
   * answer: a process that gives up before the body comes does not know what its write has done, and need not count it.
   */
  answered(hop: HopRequest, status: number, isWhole: boolean): void;
}

export interface HopProcess {
  readonly name: string;
  readonly clock: ProcessClock;
  /** What the process knows of these objects. */
  viewOf(followed: Followed): View;
  /** Something has arrived from the server. */
  received(): void;
}
