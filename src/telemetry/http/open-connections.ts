/** The open connections of the HTTP server: few, and for a short time, so that whoever holds many shuts nobody out. */
import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { DuplicateFilter } from '../../base/duplicate-filter.ts';
import type { Log } from '../../base/log.ts';

/** Far more than probes and scrapers need, but too few to do harm. */
const MAX_CONNECTIONS = 128;
/** From the first byte to the last; as long as a probe or a scrape waits. */
const MAX_LIFE_MS = 10_000;
const WARN_EVERY_MS = 60_000;

interface Connection {
  readonly socket: Socket;
  readonly address: string;
  /** Whether its request has arrived. */
  isAnswered: boolean;
}

/**
 * A new connection is always accepted. If there are too many, the address that holds the most loses one: so no address
 * can end the few connections of another.
 */
export class OpenConnections {
  readonly #clock: Clock;
  readonly #log: Log;
  /** In the order of arrival. */
  readonly #open = new Map<Socket, Connection>();
  readonly #warned = new DuplicateFilter(WARN_EVERY_MS);

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  add(socket: Socket): void {
    if (this.#open.size >= MAX_CONNECTIONS) this.#endOne();
    this.#open.set(socket, { socket, address: socket.remoteAddress ?? '', isAnswered: false });
    const cancel = this.#clock.after(MAX_LIFE_MS, () => socket.destroy());
    socket.once('close', () => {
      cancel();
      this.#open.delete(socket);
    });
  }

  requestArrived(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (connection !== undefined) connection.isAnswered = true;
  }

  #endOne(): void {
    const { address, connections } = this.#largestHolder();
    const ended = leastMissed(connections);
    if (ended === undefined) return;
    if (this.#warned.isNews('', '', this.#clock.monotonicMs())) {
      const fields = { address, connections: connections.length };
      this.#log.warn(fields, 'too many connections, some are ended early');
    }
    this.#open.delete(ended.socket);
    ended.socket.destroy();
  }

  #largestHolder(): { readonly address: string; readonly connections: readonly Connection[] } {
    const byAddress = Map.groupBy(this.#open.values(), ({ address }) => address);
    let largest: { address: string; connections: Connection[] } = { address: '', connections: [] };
    for (const [address, connections] of byAddress) {
      if (connections.length > largest.connections.length) largest = { address, connections };
    }
    return largest;
  }
}

/**
 * The oldest one that waits for its request, but none of the newer half: their requests may be on their way. So a kubelet
 * that shares its address with a flood is answered, and a scrape is not ended while its answer is being made.
 */
function leastMissed(connections: readonly Connection[]): Connection | undefined {
  const older = connections.slice(0, Math.ceil(connections.length / 2));
  return older.find(({ isAnswered }) => !isAnswered) ?? older[0];
}
