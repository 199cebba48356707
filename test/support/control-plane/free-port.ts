/** Finds ports for servers that restart on the same port. */
import { createServer } from 'node:net';

/**
 * A free port on loopback, below the range from which the kernel assigns ports to outgoing connections: in that range, a
 * client that retries while the server is down can get the server's own port, connect to itself and keep the port.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 16_000 + Math.floor(Math.random() * 16_000);
    if (await canListen(port)) return port;
  }
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
