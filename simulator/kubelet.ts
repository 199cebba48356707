/** How a kubelet finds the credentials for an image among those of a pull Secret (pkg/credentialprovider/keyring.go). */
import { SecretText } from '../src/domain/secret-text.ts';

export interface RegistryCredentials {
  /** Of `auths`, as the kubelet keeps it: without scheme. */
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
 * All that match, in the order in which a kubelet tries them: the most specific key first. `dockerConfig` is the text of
 * `.dockerconfigjson`; throws an Error, with none of it, where that is no JSON.
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
    // What the parser says quotes what it has read.
    throw new Error('reading the pull Secret: it holds no JSON');
  }
  return Object.entries(config.auths ?? {}).map(([name, { auth = '' }]) => {
    const [username = '', ...password] = Buffer.from(auth, 'base64').toString().split(':');
    return { key: keyOf(name), username, password: new SecretText(password.join(':')) };
  });
}

/** The scheme goes, and so do `/v1` and `/v2` before another part, which `docker login` once wrote. */
function keyOf(name: string): string {
  const bare = name.replace(/^https?:\/\//, '').replace(/^([^/]*)\/v[12]\//, '$1/');
  return bare.replace(/^([^/]*)\/$/, '$1');
}

/** Splits `HOST[:PORT][/PATH]`; the tag of an image stays a part of its path. */
function locationOf(text: string): Location {
  const slash = text.indexOf('/');
  const authority = slash < 0 ? text : text.slice(0, slash);
  const [host = '', port = ''] = authority.split(':');
  return { labels: host.split('.'), port, path: slash < 0 ? '' : text.slice(slash) };
}

/** As many labels, each by its own pattern; the same port; a path that begins with the key's. */
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

/** A first part without a dot or a port is no host. */
function isOfDockerHub(image: string): boolean {
  const [first = '', ...rest] = image.split('/');
  if (rest.length === 0 || first === 'docker.io' || first === DOCKER_HUB) return true;
  return !/[.:]/.test(first);
}
