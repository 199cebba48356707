/** The chart's `rbac.mode` that this run of the cluster tests has: a project of jest.config.mjs sets it. */

export type RbacMode = 'named' | 'namespaces';

/** `named`, rights in the whole cluster, unless the run says that there are Roles in some namespaces only. */
export function rbacMode(): RbacMode {
  const { RBAC_MODE: mode = 'named' } = globalThis as { readonly RBAC_MODE?: string };
  if (mode !== 'named' && mode !== 'namespaces') throw new Error(`RBAC_MODE is "${mode}"`);
  return mode;
}
