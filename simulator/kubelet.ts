/** How a kubelet picks the credentials for an image from a pull Secret (pkg/credentialprovider/keyring.go). */
import { SecretText } from '../src/domain/secret-text.ts';

export interface RegistryCredentials {
  /** The key in `auths` as the kubelet keeps it, without the scheme. */
  readonly key: string;
  readonly username: string;
  readonly password: SecretText;
}

interface Location {
  readonly labels: readonly string[];
  readonly port: string;
  readonly path: string;
}

const DOCKER_HUB = 'index.docker.io';

/**
 * All matching credentials in the order in which a kubelet tries them, the most specific key first. `dockerConfig` is
 * the text of `.dockerconfigjson`; if it is not JSON, throws an Error that quotes none of it.
 */
export function credentialsFor(
  image: string,
  dockerConfig: string,
): readonly RegistryCredentials[] {
  const known = readAuths(dockerConfig);
  const target = locationOf(image);
  const found = known
    .filter(({ key }) => matches(locationOf(key), target))
    .sort((a, b) => (a.key < b.key ? 1 : -1));
  if (found.length > 0 || !isOfDockerHub(image)) return found;
  return known.filter(({ key }) => key === DOCKER_HUB);
}

function readAuths(dockerConfig: string): readonly RegistryCredentials[] {
  let config: { readonly auths?: Readonly<Record<string, { readonly auth?: string }>> };
  try {
    config = JSON.parse(dockerConfig) as typeof config;
  } catch {
    // The parser's own message would quote its input, a token.
    throw new Error('reading the pull Secret: it is not JSON');
  }
  return Object.entries(config.auths ?? {}).map(([name, { auth = '' }]) => {
    const [username = '', ...password] = Buffer.from(auth, 'base64').toString().split(':');
    return { key: keyOf(name), username, password: new SecretText(password.join(':')) };
  });
}

/** Strips the scheme, and `/v1` or `/v2` before a further path segment, which old versions of `docker login` wrote. */
function keyOf(name: string): string {
  const bare = name.replace(/^https?:\/\//, '').replace(/^([^/]*)\/v[12]\//, '$1/');
  return bare.replace(/^([^/]*)\/$/, '$1');
}

/** Splits `HOST[:PORT][/PATH]`; an image's tag stays part of the path. */
function locationOf(text: string): Location {
  const slash = text.indexOf('/');
  const authority = slash < 0 ? text : text.slice(0, slash);
  const [host = '', port = ''] = authority.split(':');
  return { labels: host.split('.'), port, path: slash < 0 ? '' : text.slice(slash) };
}

/** The same number of labels, each matching its pattern; the same port; a path that starts with the key's path. */
function matches(key: Location, target: Location): boolean {
  return (
    key.labels.length === target.labels.length &&
    key.labels.every((pattern, index) => matchesLabel(pattern, target.labels[index] ?? '')) &&
    key.port === target.port &&
    target.path.startsWith(key.path)
  );
}

function matchesLabel(pattern: string, label: string): boolean {
  const parts = pattern.split(/([*?])/).map((part) => {
    if (part === '*') return '.*';
    return part === '?' ? '.' : part.replace(/[\\^$+.()|[\]{}]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`).test(label);
}

/** A first part without a dot or a port is not a host. */
function isOfDockerHub(image: string): boolean {
  const [first = '', ...rest] = image.split('/');
  if (rest.length === 0 || first === 'docker.io' || first === DOCKER_HUB) return true;
  return !/[.:]/.test(first);
}
