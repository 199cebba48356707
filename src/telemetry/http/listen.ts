/** Takes a port, or says in words why it can't be had. */
import type { Server } from 'node:http';
import { StalledError } from '../../domain/errors.ts';
import type { ListenAddress } from './listen-address.ts';

interface Reaction {
  readonly code: string;
  readonly problem: string;
  readonly fix?: string;
}

const REACTIONS: Readonly<Record<string, Reaction>> = {
  EADDRINUSE: {
    code: 'LISTEN_PORT_IN_USE',
    problem: 'the port is in use',
    fix: 'stop what uses it, or choose another with --listen',
  },
  EACCES: {
    code: 'LISTEN_PORT_FORBIDDEN',
    problem: 'this user may not take the port',
    fix: 'choose one from 1024 on with --listen',
  },
  EADDRNOTAVAIL: {
    code: 'LISTEN_HOST_UNKNOWN',
    problem: 'this machine does not have the address',
    fix: 'leave the host out, or name one of its own',
  },
  ENOTFOUND: {
    code: 'LISTEN_HOST_UNKNOWN',
    problem: 'the host name can not be resolved',
    fix: 'leave the host out, or name an address',
  },
};

/** Answers the port that was taken. Throws a `StalledError` with the fix. */
export async function listen(server: Server, { host, port }: ListenAddress): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => reject(explain(error, host, port));
    server.once('error', fail);
    // Without a host Node takes `::`, which serves IPv4 too, or 0.0.0.0 where the machine has no IPv6.
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
  const { code, problem, fix }: Reaction = known ?? {
    code: 'LISTEN_FAILED',
    problem: error.message,
  };
  const shown = host?.includes(':') === true ? `[${host}]` : (host ?? '');
  return new StalledError(`listening on ${shown}:${port}: ${problem}`, {
    code,
    fix,
    cause: error,
  });
}
