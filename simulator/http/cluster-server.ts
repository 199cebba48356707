/** A simulated cluster over HTTPS on loopback, for kubectl and for every other client that takes a kubeconfig. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Wire } from '../../src/kubernetes/wire/wire.ts';
import { newAuthority } from './certificates.ts';
import { answerOver, answerUnauthorized } from './http-exchange.ts';
import { ANONYMOUS } from '../server/anonymous.ts';

export interface ClusterServerOptions {
  /** The simulated cluster's `wire` for a user. */
  readonly cluster: { wire(user: string): Wire };
  /** Bearer tokens, each with the user that it stands for. */
  readonly users: Readonly<Record<string, string>>;
  /** An address of loopback: the certificate is for no other. Default 127.0.0.1. */
  readonly host?: string;
  /** Default a free one. */
  readonly port?: number;
}

export interface ClusterServer {
  /** `https://127.0.0.1:<port>`. */
  readonly url: string;
  /** Signed the server's certificate, and is made anew for each server. */
  readonly caPem: string;
  /** Cuts every connection, watches included. */
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 120_000;

/**
 * Over TLS, since kubectl sends no token without it. A token that is not known is answered with 401; without one the
 * user is `system:anonymous`, as on a real server. Rejects where it can't listen.
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
  // Longer than clients keep idle connections: one that closes under a request looks like a fault.
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
