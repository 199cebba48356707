/** Lists what in the environment changes how AWS is reached. Shows hosts only: a proxy's URL may hold a password. */
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

const CHECK_ENVIRONMENT = 'check the proxy and AWS_CA_BUNDLE in the environment';

export function checkNetwork(
  environment: Readonly<Record<string, string | undefined>>,
): readonly Check[] {
  const set = Object.entries(environment)
    .filter((entry): entry is [string, string] => (entry[1] ?? '') !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const checks = set.flatMap(([variable, value]): readonly Check[] => {
    const message = describe(variable, value);
    if (message === undefined) return [];
    return [{ name: 'network', subject: variable, status: 'info', message }];
  });
  if (checks.length > 0) return checks;
  const message = 'no proxy or custom endpoint is set: AWS is called directly';
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
  // An `@` after the host: a character such as `#` in the password ended the host early, and this is the user instead.
  const isCut = `${pathname}${search}${hash}`.includes('@');
  return host === '' || isCut ? 'set, but not to a URL with a host' : host;
}

/** For a setting that can't be used: `run` refuses to start with it. */
export function checkNetworkFault(error: unknown): Check {
  return { name: 'network', subject: '', ...failureOf(error, CHECK_ENVIRONMENT) };
}
