/** Listens on a port, or explains to people why that is not possible. */
import type { Server } from 'node:http';
import { StalledError } from '../../domain/errors.ts';
import type { ListenAddress } from './listen-address.ts';

interface Reaction {
  readonly code: string;
  readonly reason: string;
  readonly fix?: string;
}

const REACTIONS: Readonly<Record<string, Reaction>> = {
  EADDRINUSE: {
    code: 'LISTEN_PORT_IN_USE',
    reason: 'the port is in use',
    fix: 'stop the program that uses it, or choose another port with --listen',
  },
  EACCES: {
    code: 'LISTEN_PORT_FORBIDDEN',
    reason: 'this user is not allowed to listen on the port',
    fix: 'choose a port of 1024 or above with --listen',
  },
  EADDRNOTAVAIL: {
    code: 'LISTEN_HOST_UNKNOWN',
    reason: 'this machine does not have the address',
    fix: 'omit the host, or use an address of this machine',
  },
  ENOTFOUND: {
    code: 'LISTEN_HOST_UNKNOWN',
    reason: 'the host name cannot be resolved',
    fix: 'omit the host, or use an IP address',
  },
};

/** Returns the port that it listens on. Throws a `StalledError` with the fix. */
export async function listen(server: Server, { host, port }: ListenAddress): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => reject(explain(error, host, port));
    server.once('error', fail);
    // Without a host Node listens on `::`, which serves IPv4, too, or on 0.0.0.0 if the machine has no IPv6.
    server.listen(host === undefined ? { port } : { host, port }, () => {
      server.off('error', fail);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function explain(
  error: NodeJS.ErrnoException,
  host: string | undefined,
  port: number,
): StalledError {
  const known = REACTIONS[error.code ?? ''];
  const { code, reason, fix }: Reaction = known ?? {
    code: 'LISTEN_FAILED',
    reason: error.message,
  };
  const shown = host?.includes(':') === true ? `[${host}]` : (host ?? '');
  return new StalledError(`listening on ${shown}:${port}: ${reason}`, {
    code,
    fix,
    cause: error,
  });
}
