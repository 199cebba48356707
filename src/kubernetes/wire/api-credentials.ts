/** Our credentials for an API server, re-read because token files, certificates and exec plugins renew them. */
import type { RequestOptions } from 'node:https';
import { type Cluster, KubeConfig, type User } from '@kubernetes/client-node';
import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { StalledError, TransientError } from '../../domain/errors.ts';
import { type Exec, type ExecCredential, ExecPlugin, type Surroundings } from './exec-plugin.ts';
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
  /** Whether it is still under way. */
  isPending: boolean;
}

interface Source {
  readonly kubeConfig: KubeConfig;
  readonly plugin: ExecPlugin | undefined;
}

export class ApiCredentials {
  readonly #cluster: Cluster;
  readonly #user: User;
  readonly #surroundings: Surroundings;
  readonly #clock: Clock;
  #source: Source;
  #last: Reading | undefined;
  #good: Credentials | undefined;
  #renewedAtMs = -Infinity;

  /** Throws a `StalledError` if the current context has no cluster. */
  constructor(kubeConfig: KubeConfig, surroundings: Surroundings) {
    const cluster = clusterOf(kubeConfig);
    // Limits of client-node: it refuses plain http unless certificates are ignored, it creates agents for proxies (we
    // create our own), and it ignores the CA of a cluster without a user.
    const { proxyUrl: _, ...direct } = cluster;
    this.#cluster = cluster.server.startsWith('http:')
      ? { ...direct, skipTLSVerify: true }
      : direct;
    this.#user = kubeConfig.getCurrentUser() ?? { name: 'anonymous' };
    this.#surroundings = surroundings;
    this.#clock = surroundings.clock;
    this.#source = this.#newSource();
  }

  /**
   * Returns credentials that are at most 10 s old. While they can't be read, it returns the last ones; without any, it
   * throws a `TransientError` with code `API_CREDENTIALS_UNREADABLE`.
   */
  async read(): Promise<Credentials> {
    const ageMs = this.#clock.monotonicMs() - (this.#last?.atMs ?? -Infinity);
    const last = ageMs < READ_AT_MOST_EVERY_MS ? this.#last : undefined;
    try {
      return await (last ?? this.#begin()).result;
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
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#renewedAtMs < READ_AT_MOST_EVERY_MS) {
      const latest = await this.#last?.result;
      return latest === refused ? undefined : latest;
    }
    this.#renewedAtMs = nowMs;
    this.#source = this.#newSource();
    return this.#begin().result;
  }

  /** Token files and plugins are read once at a time: a reading under way serves everybody. */
  #begin(): Reading {
    if (this.#last?.isPending === true) return this.#last;
    const result = this.#readNow();
    const reading: Reading = { atMs: this.#clock.monotonicMs(), result, isPending: true };
    const settled = (): void => {
      reading.isPending = false;
    };
    result.then(settled, settled);
    this.#last = reading;
    return reading;
  }

  /** What was read is kept until it expires, refused or not: only a new source runs a plugin again. */
  #newSource(): Source {
    const { exec, ...user } = this.#user;
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(this.#cluster, user);
    return {
      kubeConfig,
      plugin: exec ? new ExecPlugin(exec as Exec, this.#surroundings) : undefined,
    };
  }

  async #readNow(): Promise<Credentials> {
    const { kubeConfig, plugin } = this.#source;
    try {
      const options: RequestOptions = {};
      const limits = { limitMs: READ_TIMEOUT_MS };
      this.#good = await withDeadline(this.#clock, limits, async (signal) => {
        await kubeConfig.applyToHTTPSOptions(options);
        return credentialsFrom(options, await plugin?.read(signal));
      });
      return this.#good;
    } catch (error) {
      const why = presentableMessage(error, 512);
      throw new TransientError(`reading the API credentials of user ${this.#user.name}: ${why}`, {
        code: 'API_CREDENTIALS_UNREADABLE',
        fix: "check the kubeconfig's token and certificate files and its exec plugin",
        cause: error,
      });
    }
  }
}

/** The cluster of the current context. Throws a `StalledError` if it has none with a valid server URL. */
export function clusterOf(kubeConfig: KubeConfig): Cluster {
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster !== null && URL.canParse(cluster.server)) return cluster;
  throw new StalledError(
    'reading the kubeconfig: its context has no cluster with a valid server URL',
    { code: 'KUBECONFIG_INVALID' },
  );
}

function credentialsFrom(
  options: RequestOptions,
  { token, cert, key }: Partial<ExecCredential> = {},
): Credentials {
  const headers: Record<string, string> = {};
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
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
      cert: cert ?? textOf(options.cert),
      key: key ?? textOf(options.key),
      servername: options.servername,
      rejectUnauthorized: options.rejectUnauthorized,
    },
  };
}

/** client-node returns PEM text as a Buffer. */
function textOf(pem: unknown): string | undefined {
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
