/** Decides which cluster to talk to: that of a given kubeconfig, the one we run in, or kubectl's default. */
import { accessSync, readFileSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { StalledError } from '../../domain/errors.ts';
import { presentable } from './presentable.ts';

interface KubeConfigChoice {
  /** The path of a file. */
  readonly kubeconfig?: string | undefined;
  /** One of the file's contexts instead of its current one. */
  readonly context?: string | undefined;
  /** Files to use if none is given and we don't run in a cluster; those that don't exist are skipped. */
  readonly defaults?: readonly string[];
}

const SERVICE_ACCOUNT_FILES = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Where kubectl looks: the files that KUBECONFIG lists, else the one in the home directory. */
export function defaultKubeconfigs(listed: string | undefined, home: string): readonly string[] {
  const files = (listed ?? '').split(delimiter).filter((file) => file !== '');
  return files.length > 0 ? files : [join(home, '.kube', 'config')];
}

/**
 * Without a choice: the cluster that we run in, if there are service-account files; else the defaults, where the first
 * of two entries with the same name wins. Throws a `StalledError` with the fault and the fix. `root` is a prefix for
 * the path of the service-account files.
 */
export function loadKubeConfig(choice: KubeConfigChoice, root = ''): KubeConfig {
  const { kubeconfig, context, defaults = [] } = choice;
  if (kubeconfig === undefined && context === undefined && isInCluster(root)) {
    return loadInCluster(root);
  }
  const files = kubeconfig === undefined ? defaults.filter(isReadable) : [kubeconfig];
  if (files.length === 0) {
    throw new StalledError(
      'finding the API server: there are no service-account files and no kubeconfig (none of the files in KUBECONFIG, or no ~/.kube/config if it is not set)',
      { code: 'KUBECONFIG_UNREADABLE', fix: 'pass a kubeconfig with --kubeconfig' },
    );
  }
  const config = loadFiles(files);
  if (context !== undefined) config.setCurrentContext(context);
  assertComplete(config);
  return config;
}

function loadFiles(files: readonly string[]): KubeConfig {
  const merged = new KubeConfig();
  for (const file of files) {
    try {
      mergeInto(merged, loadFile(file));
    } catch (error) {
      throw unreadable(file, error);
    }
  }
  return merged;
}

/** Like kubectl: existing entries win. (client-node refuses two entries with the same name.) */
function mergeInto(merged: KubeConfig, other: KubeConfig): void {
  merged.clusters = withNew(merged.getClusters(), other.getClusters());
  merged.users = withNew(merged.getUsers(), other.getUsers());
  merged.contexts = withNew(merged.getContexts(), other.getContexts());
  merged.setCurrentContext(merged.getCurrentContext() || other.getCurrentContext());
}

function withNew<T extends { readonly name: string }>(
  known: readonly T[],
  others: readonly T[],
): T[] {
  const names = new Set(known.map(({ name }) => name));
  return [...known, ...others.filter(({ name }) => !names.has(name))];
}

/** Only the first line of a parser's message is safe: the next ones quote the file, which contains keys. */
function unreadable(what: string, error: unknown): StalledError {
  const { message } = (error ?? {}) as { readonly message?: unknown };
  const [why = ''] = typeof message === 'string' ? message.split('\n') : [];
  return new StalledError(`reading the kubeconfig ${what}: ${presentable(why, 256)}`, {
    code: 'KUBECONFIG_UNREADABLE',
    fix: 'pass a readable one with --kubeconfig',
  });
}

function isInCluster(root: string): boolean {
  return isReadable(`${root}${SERVICE_ACCOUNT_FILES}/token`);
}

function isReadable(file: string): boolean {
  try {
    accessSync(file);
    return true;
  } catch {
    return false;
  }
}

function loadInCluster(root: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromCluster(root);
  // client-node takes the address from the environment, and writes `undefined` if it is missing.
  if (config.getCurrentCluster()?.server.includes('undefined') === false) return config;
  throw new StalledError(
    'finding the API server: there are service-account files, but KUBERNETES_SERVICE_HOST or KUBERNETES_SERVICE_PORT is not set',
    { code: 'KUBECONFIG_INVALID', fix: 'set both, or pass a kubeconfig with --kubeconfig' },
  );
}

function loadFile(file: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(file);
  const tokenFiles = readTokenFiles(file);
  // client-node does not know a user's `tokenFile`, which by definition takes precedence over `token`.
  config.users = config.getUsers().map((user) => {
    const tokenFile = tokenFiles.get(user.name);
    if (tokenFile === undefined) return user;
    const { token: _, ...others } = user;
    return { ...others, authProvider: { name: 'tokenFile', config: { tokenFile } } };
  });
  return config;
}

function readTokenFiles(file: string): ReadonlyMap<string, string> {
  const { users } = parse(readFileSync(file, 'utf8')) as {
    readonly users?: readonly { readonly name: string; readonly user?: { tokenFile?: unknown } }[];
  };
  const found = new Map<string, string>();
  for (const { name, user } of users ?? []) {
    const path = user?.tokenFile;
    if (typeof path !== 'string' || path === '') continue;
    found.set(name, isAbsolute(path) ? path : join(dirname(file), path));
  }
  return found;
}

function assertComplete(config: KubeConfig): void {
  const name = config.getCurrentContext();
  const known = config.getContexts().map((context) => context.name);
  if (!known.includes(name)) {
    const choice = known.length === 0 ? 'it has no contexts' : `its contexts: ${known.join(', ')}`;
    // Typed as text, but undefined if the file has no current-context.
    const fault = name ? `context ${name} does not exist` : 'it has no current-context';
    throw new StalledError(`reading the kubeconfig: ${fault} (${presentable(choice, 512)})`, {
      code: 'KUBECONFIG_CONTEXT_UNKNOWN',
      fix: 'choose one with --context',
    });
  }
  const context = config.getContextObject(name);
  if (config.getCurrentCluster() === null) {
    throw new StalledError(
      `reading the kubeconfig: context ${name} names cluster ${String(context?.cluster)}, which does not exist`,
      { code: 'KUBECONFIG_INVALID', fix: 'add the cluster' },
    );
  }
  if (context?.user && config.getCurrentUser() === null) {
    throw new StalledError(
      `reading the kubeconfig: context ${name} names user ${context.user}, which does not exist`,
      { code: 'KUBECONFIG_INVALID', fix: 'add the user' },
    );
  }
}
