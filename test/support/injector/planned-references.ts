/** What the planner would attach: the judge of the injector. */
import { stringify } from 'yaml';
import type { Settings } from '../../../src/domain/settings.ts';
import { planNamespace } from '../../../src/domain/plan/plan.ts';
import { projectNamespace } from '../../../src/kubernetes/view/project-objects.ts';
import { NOW, aNamespace, aServiceAccount } from '../values/builders.ts';
import { parseOk } from '../values/config-text.ts';
import type { KubeObject } from '../control-plane/admin-client.ts';
import { INJECTOR_CONFIGS, injectedName } from './injector-configs.ts';

interface Asked {
  readonly secretName: string;
  readonly settings: Settings;
  /** What the planner never hears of is no matter of the planner. */
  readonly isWatched: (namespace: string) => boolean;
}

const ASKED: readonly Asked[] = Object.entries(INJECTOR_CONFIGS).map(([instance, config]) => {
  const { only = [], ...namespaces } = config.namespaces ?? {};
  return {
    secretName: injectedName(instance),
    settings: parseOk(stringify({ ...config, namespaces })).settings,
    isWatched: (namespace) => only.length === 0 || only.includes(namespace),
  };
});

/** Sorted names of the Secrets that a ServiceAccount of this name would reference, by any of the configurations. */
export function plannedReferences(
  namespace: KubeObject,
  serviceAccount: string,
): readonly string[] {
  const record = projectNamespace(namespace);
  if (record === undefined) throw new Error('planning: this is no namespace');
  const account = aServiceAccount(serviceAccount, { namespace: record.name });
  const observed = aNamespace({ ...record, serviceAccounts: [account] });
  return ASKED.filter(({ secretName, settings, isWatched }) => {
    if (!isWatched(record.name)) return false;
    const { steps } = planNamespace({
      observed,
      settings,
      secretName,
      now: NOW,
      refreshRequestSeenAt: undefined,
      bookkeepingAllowed: true,
    });
    return steps.some(({ kind }) => kind === 'attach');
  })
    .map(({ secretName }) => secretName)
    .sort();
}
