/** Our credentials for an API server, re-read because token files, certificates and exec plugins renew them. */
import type { RequestOptions } from 'node:https';
import { type Cluster, KubeConfig, type User } from '@kubernetes/client-node';
import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { TransientError } from '../../domain/errors.ts';
import { presentableMessage } from './presentable.ts';

export interface TlsMaterial {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly servername: string | undefined;
  readonly rejectUnauthorized: boolean | undefined;
}

export interface Credentials {
  /** `authorization` and impersonation headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

const READ_AT_MOST_EVERY_MS = 10_000;
/** An exec plugin may have to wait for a slow identity provider, but not for ever. */
const READ_TIMEOUT_MS = 60_000;

interface Reading {
  readonly atMs: number;
  readonly result: Promise<Credentials>;
}

export class ApiCredentials {
  readonly #cluster: Cluster;
  readonly #user: User;
  readonly #clock: Clock;
  #source: KubeConfig;
  #last: Reading | undefined;
  #good: Credentials | undefined;
  #renewedAtMs = -Infinity;

  constructor(cluster: Cluster, user: User | null, clock: Clock) {
    // Limits of client-node: it refuses plain http unless certificates are ignored, it creates agents for proxies (we
    // create our own), and it ignores the CA of a cluster without a user.
    const { proxyUrl: _, ...direct } = cluster;
    this.#cluster = cluster.server.startsWith('http:')
      ? { ...direct, skipTLSVerify: true }
      : direct;
    this.#user = user ?? { name: 'anonymous' };
    this.#clock = clock;
    this.#source = this.#newSource();
  }

  /**
   * Returns credentials that are at most 10 s old. While they can't be read, it returns the last ones; without any, it
   * throws a `TransientError` with code `API_CREDENTIALS_UNREADABLE`.
   */
  async read(): Promise<Credentials> {
    const nowMs = this.#clock.now().getTime();
    const ageMs = this.#last === undefined ? Infinity : Math.abs(nowMs - this.#last.atMs);
    if (this.#last === undefined || ageMs >= READ_AT_MOST_EVERY_MS) {
      this.#last = { atMs: nowMs, result: this.#readNow() };
    }
    try {
      return await this.#last.result;
    } catch (error) {
      if (this.#good !== undefined) return this.#good;
      throw error;
    }
  }

  /**
   * Call it when the server has refused `refused` (401). Returns newer credentials, bypassing the caches of token files
   * and plugins; `undefined` if that was done within the last 10 s and yielded `refused`.
   */
  async renew(refused: Credentials): Promise<Credentials | undefined> {
    if (this.#good !== undefined && this.#good !== refused) return this.#good;
    const nowMs = this.#clock.now().getTime();
    if (Math.abs(nowMs - this.#renewedAtMs) < READ_AT_MOST_EVERY_MS) {
      const latest = await this.#last?.result;
      return latest === refused ? undefined : latest;
    }
    this.#renewedAtMs = nowMs;
    this.#source = this.#newSource();
    this.#last = { atMs: nowMs, result: this.#readNow() };
    return this.#last.result;
  }

  /** client-node keeps a plugin's answer until it expires, refused or not: only a new object runs the plugin again. */
  #newSource(): KubeConfig {
    const source = new KubeConfig();
    source.loadFromClusterAndUser(this.#cluster, this.#user);
    return source;
  }

  async #readNow(): Promise<Credentials> {
    try {
      const options: RequestOptions = {};
      await withDeadline(this.#clock, { limitMs: READ_TIMEOUT_MS }, () =>
        this.#source.applyToHTTPSOptions(options),
      );
      this.#good = credentialsFrom(options);
      return this.#good;
    } catch (error) {
      // Don't wait for a hanging plugin a second time.
      this.#source = this.#newSource();
      const why = presentableMessage(error, 512);
      throw new TransientError(`reading the API credentials of user ${this.#user.name}: ${why}`, {
        code: 'API_CREDENTIALS_UNREADABLE',
        fix: "check the kubeconfig's token and certificate files and its exec plugin",
        cause: error,
      });
    }
  }
}

function credentialsFrom(options: RequestOptions): Credentials {
  const headers: Record<string, string> = {};
  if (typeof options.auth === 'string') {
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // Token files may end with a newline, which a header must not contain.
    headers[name.toLowerCase()] = String(value).trim();
  }
  return {
    headers,
    tls: {
      ca: textOf(options.ca),
      cert: textOf(options.cert),
      key: textOf(options.key),
      servername: options.servername,
      rejectUnauthorized: options.rejectUnauthorized,
    },
  };
}

/** client-node returns PEM text as a Buffer or, from an exec plugin, as a string. */
function textOf(pem: unknown): string | undefined {
  if (typeof pem === 'string') return pem;
  return Buffer.isBuffer(pem) ? pem.toString('utf8') : undefined;
}

export function isSameTls(a: TlsMaterial, b: TlsMaterial): boolean {
  return (
    a.ca === b.ca &&
    a.cert === b.cert &&
    a.key === b.key &&
    a.servername === b.servername &&
    a.rejectUnauthorized === b.rejectUnauthorized
  );
}
