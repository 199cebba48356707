/** Serves a simulated cluster over HTTPS on loopback, for kubectl and any other client that reads a kubeconfig. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Wire } from '../../src/kubernetes/wire/wire.ts';
import { newAuthority } from './certificates.ts';
import { answerOver, answerUnauthorized } from './http-exchange.ts';
import { ANONYMOUS } from '../server/anonymous.ts';

export interface ClusterServerOptions {
  /** A simulated cluster; `wire` opens a connection for a user. */
  readonly cluster: { wire(user: string): Wire };
  /** Bearer tokens and the user that each belongs to. */
  readonly users: Readonly<Record<string, string>>;
  /** A loopback address: the certificate covers no other. Default 127.0.0.1. */
  readonly host?: string;
  /** Default: a free one. */
  readonly port?: number;
}

export interface ClusterServer {
  /** `https://127.0.0.1:<port>`. */
  readonly url: string;
  /** The CA that signed the server's certificate; each server has its own. */
  readonly caPem: string;
  /** Cuts every connection, including watches. */
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 120_000;

/**
 * Over TLS, because kubectl sends no token without it. An unknown token is answered with 401; without a token the user
 * is `system:anonymous`, as on a real server. Rejects if it can't listen.
 */
export async function serveOverHttps(options: ClusterServerOptions): Promise<ClusterServer> {
  const { cluster, users, host = '127.0.0.1', port = 0 } = options;
  const authority = newAuthority('simulator');
  const { certPem, keyPem } = authority.issue('kube-apiserver');
  const userOf = new Map(Object.entries(users));
  const wires = new Map(
    [...new Set([...userOf.values(), ANONYMOUS])].map((user) => [user, cluster.wire(user)]),
  );
  const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    const token = /^Bearer +(.*)$/i.exec(request.headers.authorization ?? '')?.[1];
    const user = token === undefined ? ANONYMOUS : userOf.get(token.trim());
    const wire = user === undefined ? undefined : wires.get(user);
    if (wire === undefined) answerUnauthorized(response);
    else void answerOver(wire, request, response);
  });
  // Longer than clients keep idle connections: a connection that closes during a request looks like a fault.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const authorityOfUrl = host.includes(':') ? `[${host}]` : host;
  return {
    url: `https://${authorityOfUrl}:${(server.address() as AddressInfo).port}`,
    caPem: authority.certPem,
    close: async () => {
      await Promise.all([...wires.values()].map((wire) => wire.close()));
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
