/** What a hop goes through, who sends it, and who watches it. */
import type { Faults } from '../../../../simulator/faults.ts';
import type { ProcessClock } from '../../../support/ports/process-clock.ts';
import type { History } from '../history.ts';
import type { Followed, HopRequest } from './hop-request.ts';
import type { RandomStream } from '../random-stream.ts';
import type { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import type { View } from '../model/view.ts';
import type { Weather } from '../weather/weather.ts';

export interface NetworkParts {
  readonly time: VirtualClock;
  readonly random: RandomStream;
  readonly weather: Weather;
  readonly history: History;
  /** Of the simulator: for one request at a time. */
  readonly faults: Faults;
  readonly observer: HopObserver;
}

export interface HopObserver {
  sent(hop: HopRequest): void;
  /** The server has acted; `status` is 0 where the connection broke. */
  served(hop: HopRequest, status: number): void;
  /** The answer has come back, whatever it says; where it is not whole, the process can't rely on it. */
  answered(hop: HopRequest, status: number, isWhole: boolean): void;
}

export interface HopProcess {
  readonly name: string;
  readonly clock: ProcessClock;
  /** What it knows of these. */
  viewOf(followed: Followed): View;
  /** Something has come from the server. */
  heard(): void;
}
