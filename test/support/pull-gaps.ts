/** Whether everybody could pull at each version of the cluster: a kubelet needs one entry whose Secret is there. */
import { entriesIn } from './opted-in.ts';
import type { ToldChanges } from './told-changes.ts';

/** Each version after the start, and after `sinceVersion`, at which a `default` ServiceAccount names no Secret that is there. */
export function pullGaps(
  told: ToldChanges,
  namespaces: readonly string[],
  sinceVersion = told.startVersion,
): readonly string[] {
  const secrets = new Set<string>();
  const entries = new Map<string, readonly string[]>();
  return told.inOrder.flatMap(({ kind, object, isGone, version }) => {
    const { namespace = '', name } = object.metadata;
    if (!namespaces.includes(namespace)) return [];
    if (kind === 'ServiceAccount') entries.set(namespace, entriesIn(object));
    else if (isGone) secrets.delete(`${namespace}/${name}`);
    else secrets.add(`${namespace}/${name}`);
    const named = entries.get(namespace) ?? [];
    const isOpen = named.some((entry) => secrets.has(`${namespace}/${entry}`));
    return isOpen || version <= sinceVersion ? [] : [`${namespace} at ${version}`];
  });
}
