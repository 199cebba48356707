/** How requests reach AWS: through which proxy, and which certificates are trusted. Read from environment variables. */
import { StalledError } from '../../domain/errors.ts';
import { SecretText } from '../../domain/secret-text.ts';
import { CaBundle, type ReadText } from './ca-bundle.ts';
import { parseNoProxy, type ProxyExemption } from './no-proxy.ts';

interface Proxy {
  /** The complete URL: it may hold a password. */
  readonly url: SecretText;
  /** `http://proxy.example:3128`, for people. */
  readonly address: string;
}

export interface AwsNetwork {
  /** For `https` endpoints. */
  readonly httpsProxy: Proxy | undefined;
  /** For `http` endpoints, which only the `AWS_ENDPOINT_URL` variables can name. */
  readonly httpProxy: Proxy | undefined;
  readonly isExempt: ProxyExemption;
  /** Trusted in addition to what Node trusts. */
  readonly caBundle: CaBundle | undefined;
}

/** Without a proxy, with what Node trusts. */
export const PLAIN_NETWORK: AwsNetwork = {
  httpsProxy: undefined,
  httpProxy: undefined,
  isExempt: () => true,
  caBundle: undefined,
};

export interface NetworkSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readText: ReadText;
  /** Called when the CA file has been replaced by an unusable one. */
  readonly onCaTrouble: (problem: string) => void;
}

/** Throws a `StalledError` that names the variable and the fix, and quotes no proxy URL: it may hold a password. */
export async function readAwsNetwork(sources: NetworkSources): Promise<AwsNetwork> {
  const { environment, readText, onCaTrouble } = sources;
  const caPath = environment['AWS_CA_BUNDLE'] ?? '';
  return {
    httpsProxy: readProxy(environment, 'HTTPS_PROXY'),
    httpProxy: readProxy(environment, 'HTTP_PROXY'),
    isExempt: parseNoProxy(variable(environment, 'NO_PROXY')),
    caBundle: caPath === '' ? undefined : await CaBundle.open(caPath, readText, onCaTrouble),
  };
}

function readProxy(environment: NetworkSources['environment'], name: string): Proxy | undefined {
  const written = variable(environment, name);
  if (written === '') return undefined;
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : `http://${written}`;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || !canBeDecoded(url) || isCut(url)) {
    throw new StalledError(`${name} is not the URL of a proxy`, {
      code: 'AWS_PROXY_INVALID',
      fix: 'write it as http://host:port or http://user:password@host:port, with special characters in user and password as %XX',
    });
  }
  return { url: new SecretText(url.href), address: `${url.protocol}//${url.host}` };
}

/** The lower-case spelling takes precedence, as in curl. Empty means unset. */
function variable(environment: NetworkSources['environment'], name: string): string {
  return (environment[name.toLowerCase()] || environment[name] || '').trim();
}

/** A `#`, `/` or `?` in the password ends the host early: user and password would be taken for host and port. */
function isCut({ pathname, search, hash }: URL): boolean {
  return `${pathname}${search}${hash}`.includes('@');
}

function canBeDecoded({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}
