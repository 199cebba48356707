/** Checks that every ServiceAccount could pull at each version of the cluster: a kubelet needs one reference whose Secret exists. */
import { entriesIn } from './opted-in.ts';
import type { ToldChanges } from './told-changes.ts';

/**
 * Each version after the start at which a ServiceAccount in these namespaces references no existing Secret. A
 * ServiceAccount counts from the first version at which it references one.
 */
export function pullGaps(
  told: Pick<ToldChanges, 'inOrder' | 'startVersion'>,
  namespaces: readonly string[],
): readonly string[] {
  const secrets = new Set<string>();
  const entries = new Map<string, readonly string[]>();
  const served = new Set<string>();
  return told.inOrder.flatMap(({ kind, object, isGone, version }) => {
    const { namespace = '', name } = object.metadata;
    if (!namespaces.includes(namespace)) return [];
    const key = `${namespace}/${name}`;
    if (kind === 'Secret' && isGone) secrets.delete(key);
    else if (kind === 'Secret') secrets.add(key);
    else if (isGone) entries.delete(key);
    else entries.set(key, entriesIn(object));
    const here = [...entries].filter(([account]) => account.startsWith(`${namespace}/`));
    return here.flatMap(([account, named]) => {
      const canPull = named.some((entry) => secrets.has(`${namespace}/${entry}`));
      if (canPull) served.add(account);
      const isGap = !canPull && served.has(account) && version > told.startVersion;
      return isGap ? [`${account} at ${version}`] : [];
    });
  });
}
