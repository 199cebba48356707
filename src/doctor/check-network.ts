/** What of the environment changes the way to AWS: told, not judged. Hosts only: a proxy's URL may hold a password. */
import { type Check, failureOf } from './check.ts';

const PROXIES = [
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'ALL_PROXY',
  'all_proxy',
];
const AS_WRITTEN = ['NO_PROXY', 'no_proxy', 'AWS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'];
const SWITCHES = [
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
  'AWS_EC2_METADATA_DISABLED',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
];
const ENDPOINT = /^AWS_(?:ENDPOINT_URL(?:_[A-Z_]+)?|EC2_METADATA_SERVICE_ENDPOINT)$/;

const LOOK = 'look at the proxy and AWS_CA_BUNDLE in the environment';

export function checkNetwork(
  environment: Readonly<Record<string, string | undefined>>,
): readonly Check[] {
  const set = Object.entries(environment)
    .filter((entry): entry is [string, string] => (entry[1] ?? '') !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const told = set.flatMap(([variable, value]): readonly Check[] => {
    const message = describe(variable, value);
    if (message === undefined) return [];
    return [{ name: 'network', subject: variable, status: 'info', message }];
  });
  if (told.length > 0) return told;
  const message = 'no proxy and no other endpoint is set: AWS is asked directly';
  return [{ name: 'network', subject: '', status: 'info', message }];
}

function describe(variable: string, value: string): string | undefined {
  if (PROXIES.includes(variable) || ENDPOINT.test(variable)) return hostOf(value);
  return AS_WRITTEN.includes(variable) || SWITCHES.includes(variable) ? value : undefined;
}

function hostOf(url: string): string {
  // A proxy may be written without a scheme.
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`;
  const { host = '', pathname = '', search = '', hash = '' } = URL.parse(text) ?? {};
  // What comes after the host holds the `@` where the password has a `#`: then this is no host but the user.
  const isCut = `${pathname}${search}${hash}`.includes('@');
  return host === '' || isCut ? 'set, but to no URL with a host' : host;
}

/** For what can't be used: `run` refuses to start with it. */
export function checkNetworkFault(error: unknown): Check {
  return { name: 'network', subject: '', ...failureOf(error, LOOK) };
}
