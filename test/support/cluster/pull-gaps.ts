/** Checks that every ServiceAccount could pull at each version of the cluster: a kubelet needs one reference whose Secret exists. */
import { referencesOf } from './opted-in.ts';
import type { ObservedChanges } from './observed-changes.ts';

/**
 * Each version after the start at which a ServiceAccount in these namespaces references no existing Secret. A
 * ServiceAccount counts from the first version at which it references one.
 */
export function pullGaps(
  observed: Pick<ObservedChanges, 'inOrder' | 'startVersion'>,
  namespaces: readonly string[],
): readonly string[] {
  const secrets = new Set<string>();
  const references = new Map<string, readonly string[]>();
  const served = new Set<string>();
  return observed.inOrder.flatMap(({ kind, object, isGone, version }) => {
    const { namespace = '', name } = object.metadata;
    if (!namespaces.includes(namespace)) return [];
    const key = `${namespace}/${name}`;
    if (kind === 'Secret' && isGone) secrets.delete(key);
    else if (kind === 'Secret') secrets.add(key);
    else if (isGone) references.delete(key);
    else references.set(key, referencesOf(object));
    const here = [...references].filter(([account]) => account.startsWith(`${namespace}/`));
    return here.flatMap(([account, named]) => {
      const canPull = named.some((reference) => secrets.has(`${namespace}/${reference}`));
      if (canPull) served.add(account);
      const isGap = !canPull && served.has(account) && version > observed.startVersion;
      return isGap ? [`${account} at ${version}`] : [];
    });
  });
}
