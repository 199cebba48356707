/** RBAC without the right to watch Secrets: what a controller that was installed by hand lacks most easily. */

export interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Rules about anything but Secrets stay as they are. */
export function withoutWatch(rule: Rule): Rule {
  if (!rule.resources.includes('secrets')) return rule;
  return { ...rule, verbs: rule.verbs.filter((verb) => verb !== 'watch') };
}
