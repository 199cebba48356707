/** How requests travel to AWS: through which proxy, and whose certificates are trusted. From environment variables. */
import { StalledError } from '../../domain/errors.ts';
import { SecretText } from '../../domain/secret-text.ts';
import { CaBundle, type ReadText } from './ca-bundle.ts';
import { parseNoProxy, type ProxyExemption } from './no-proxy.ts';

interface Proxy {
  /** Whole: it may hold a password. */
  readonly url: SecretText;
  /** `http://proxy.example:3128`, for people. */
  readonly address: string;
}

export interface AwsNetwork {
  /** For endpoints of `https`. */
  readonly httpsProxy: Proxy | undefined;
  /** For endpoints of `http`, which only `AWS_ENDPOINT_URL` and its kin can name. */
  readonly httpProxy: Proxy | undefined;
  readonly isExempt: ProxyExemption;
  /** Trusted beside what Node trusts. */
  readonly caBundle: CaBundle | undefined;
}

/** Straight, with what Node trusts. */
export const PLAIN_NETWORK: AwsNetwork = {
  httpsProxy: undefined,
  httpProxy: undefined,
  isExempt: () => true,
  caBundle: undefined,
};

export interface NetworkSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readText: ReadText;
  /** Told when the CA file has been replaced by one that can't be used. */
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
    throw new StalledError(`${name} is no URL of a proxy`, {
      code: 'AWS_PROXY_INVALID',
      fix: 'write it as http://host:port or http://user:password@host:port, with other characters of user and password as %XX',
    });
  }
  return { url: new SecretText(url.href), address: `${url.protocol}//${url.host}` };
}

/** The lower-case spelling comes first, as in curl. Empty is unset. */
function variable(environment: NetworkSources['environment'], name: string): string {
  return (environment[name.toLowerCase()] || environment[name] || '').trim();
}

/** A `#`, `/` or `?` in the password, which ends the host early: user and password would be taken for host and port. */
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
