/** The chart's `rbac.mode` in this run of the cluster tests, set by a project in jest.config.mjs. */

export type RbacMode = 'named' | 'namespaces';

/** `named` (cluster-wide permissions) by default; `namespaces` if the run has Roles in some namespaces only. */
export function rbacMode(): RbacMode {
  const { RBAC_MODE: mode = 'named' } = globalThis as { readonly RBAC_MODE?: string };
  if (mode !== 'named' && mode !== 'namespaces') throw new Error(`RBAC_MODE is "${mode}"`);
  return mode;
}
