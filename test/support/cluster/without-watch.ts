/** RBAC without the permission to watch Secrets: the one that a manual installation is most likely to lack. */
import { eventually } from '../suite/eventually.ts';
import { isAllowed } from './install.ts';
import { SECRET_NAME } from './opted-in.ts';
import type { Rig } from './rig.ts';

const ROLE = '/apis/rbac.authorization.k8s.io/v1/clusterroles/ecr-pull-secrets';

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Returns a function that restores the permission. Rules for other resources than Secrets stay unchanged. */
export async function removeWatchPermission({ admin }: Rig): Promise<() => Promise<unknown>> {
  const rules = (await admin.get(ROLE))['rules'] as readonly Rule[];
  const withoutWatch = rules.map((rule) => {
    if (!rule.resources.includes('secrets')) return rule;
    return { ...rule, verbs: rule.verbs.filter((verb) => verb !== 'watch') };
  });
  await admin.mergePatch(ROLE, { rules: withoutWatch });
  const watch = { verb: 'watch', resource: 'secrets', name: SECRET_NAME };
  await eventually({ what: 'the permission to be gone', limitMs: 10_000 }, async () => {
    return !(await isAllowed(admin, watch));
  });
  return async () => admin.mergePatch(ROLE, { rules });
}
