/** A simulated AWS under its real names, registries included, to which one way leads: a proxy, with a private CA. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AwsServer, serveAwsOverHttp } from '../../src/simulator/aws/aws-server.ts';
import { SimulatedAws } from '../../src/simulator/aws/simulated-aws.ts';
import { newAuthority } from '../../src/simulator/http/certificates.ts';
import { CANARY } from './canary.ts';
import { ConnectProxy } from './connect-proxy.ts';
import { realClock } from './real-clock.ts';

export const PROXY_PASSWORD = 'hunter2-of-the-proxy';
const NAMES = [
  'api.ecr.eu-west-1.amazonaws.com',
  'sts.eu-west-1.amazonaws.com',
  '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
];

export class ProxiedAws extends SimulatedAws {
  readonly #dir = mkdtempSync(join(tmpdir(), 'proxied-aws-'));
  #server: AwsServer | undefined;
  #proxy: ConnectProxy | undefined;

  static async start(): Promise<ProxiedAws> {
    const aws = new ProxiedAws({ clock: realClock, marker: CANARY });
    const authority = newAuthority('a private CA');
    const { certPem: cert, keyPem: key } = authority.issue('aws', NAMES);
    writeFileSync(aws.#caFile, authority.certPem);
    const server = await serveAwsOverHttp(aws.wire(), 0, { cert, key });
    const credentials = `jane:${PROXY_PASSWORD}`;
    aws.#server = server;
    aws.#proxy = await ConnectProxy.start({ port: server.port, credentials });
    return aws;
  }

  /** `host:port` of everything that was asked for. */
  get tunnels(): readonly string[] {
    return this.#proxy?.tunnels ?? [];
  }

  /** For a program that is to reach it, with an access key. */
  get environment(): Readonly<Record<string, string>> {
    return {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      HTTPS_PROXY: this.#proxy?.url(`jane:${PROXY_PASSWORD}`) ?? '',
      AWS_CA_BUNDLE: this.#caFile,
    };
  }

  async stop(): Promise<void> {
    await this.#proxy?.stop();
    await this.#server?.close();
    rmSync(this.#dir, { recursive: true });
  }

  get #caFile(): string {
    return join(this.#dir, 'ca.pem');
  }
}
