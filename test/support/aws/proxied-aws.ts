/** A simulated AWS under its real host names, including registries, that is reachable only through a proxy, with a private CA. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedAws } from '../../../simulator/aws/simulated-aws.ts';
import { newAuthority } from '../../../simulator/http/certificates.ts';
import { CANARY } from '../suite/canary.ts';
import { ConnectProxy } from './connect-proxy.ts';
import { serveAws } from './fake-aws.ts';
import type { LoopbackServer } from '../ports/loopback-server.ts';
import { systemClock } from '../../../src/base/system-clock.ts';

/** The part of the proxy password that looks the same in a URL; it must never leak. */
export const PROXY_PASSWORD = 'hunter2-of-the-proxy';
const CREDENTIALS = `jane:${PROXY_PASSWORD}/@`;
const NAMES = [
  'api.ecr.eu-west-1.amazonaws.com',
  'api.ecr-public.us-east-1.amazonaws.com',
  'sts.eu-west-1.amazonaws.com',
  '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
  'public.ecr.aws',
  'ecr.invalid',
];

interface Way {
  readonly server: LoopbackServer;
  readonly proxy: ConnectProxy;
  /** The CA that signed the server's certificate. */
  readonly caPem: string;
}

export class ProxiedAws extends SimulatedAws {
  /** Also for the test's own files. */
  readonly dir = mkdtempSync(join(tmpdir(), 'proxied-aws-'));
  #way: Way | undefined;

  static async start(): Promise<ProxiedAws> {
    const aws = new ProxiedAws({ clock: systemClock, marker: CANARY });
    const authority = newAuthority('a private CA');
    const { certPem: cert, keyPem: key } = authority.issue('aws', NAMES);
    const server = await serveAws(aws.wire(), { tls: { cert, key } });
    const proxy = await ConnectProxy.start({ port: server.port, credentials: CREDENTIALS });
    aws.#way = { server, proxy, caPem: authority.certPem };
    writeFileSync(aws.caFile, authority.certPem);
    return aws;
  }

  get way(): Way {
    if (this.#way === undefined) throw new Error('the simulated AWS was not started');
    return this.#way;
  }

  get caFile(): string {
    return join(this.dir, 'ca.pem');
  }

  /** The proxy's URL with user and password, for `HTTPS_PROXY`. */
  get proxyUrl(): string {
    const [user = '', password = ''] = CREDENTIALS.split(':');
    return this.way.proxy.url(`${user}:${encodeURIComponent(password)}`);
  }

  /** `host:port` of every requested tunnel. */
  get tunnels(): readonly string[] {
    return this.way.proxy.tunnels;
  }

  /** The variables with which a program reaches this AWS, including an access key. */
  get environment(): Readonly<Record<string, string>> {
    return {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      HTTPS_PROXY: this.proxyUrl,
      AWS_CA_BUNDLE: this.caFile,
    };
  }

  async stop(): Promise<void> {
    await this.#way?.proxy.stop();
    await this.#way?.server[Symbol.asyncDispose]();
    rmSync(this.dir, { recursive: true });
  }
}
