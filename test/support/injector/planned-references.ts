/** The references that the planner would attach: the expected result for the injector. */
import { stringify } from 'yaml';
import type { Settings } from '../../../src/domain/settings.ts';
import { planNamespace } from '../../../src/domain/plan/plan.ts';
import { projectNamespace } from '../../../src/kubernetes/view/project-objects.ts';
import { NOW, aNamespace, aServiceAccount } from '../values/builders.ts';
import { parseOk } from '../values/config-text.ts';
import type { KubeObject } from '../control-plane/admin-client.ts';
import { INJECTOR_CONFIGS, injectedName } from './injector-configs.ts';

interface PlannerCase {
  readonly secretName: string;
  readonly settings: Settings;
  /** The planner never sees other namespaces. */
  readonly isWatched: (namespace: string) => boolean;
}

const PLANNER_CASES: readonly PlannerCase[] = Object.entries(INJECTOR_CONFIGS).map(
  ([instance, config]) => {
    const { only = [], ...namespaces } = config.namespaces ?? {};
    return {
      secretName: injectedName(instance),
      settings: parseOk(stringify({ ...config, namespaces })).settings,
      isWatched: (namespace) => only.length === 0 || only.includes(namespace),
    };
  },
);

/** Sorted names of the Secrets that a ServiceAccount with this name would reference under any of the configurations. */
export function plannedReferences(
  namespace: KubeObject,
  serviceAccount: string,
): readonly string[] {
  const cached = projectNamespace(namespace);
  if (cached === undefined) throw new Error('planning: the object is not a namespace');
  const account = aServiceAccount(serviceAccount, { namespace: cached.name });
  const observed = aNamespace({ ...cached, serviceAccounts: [account] });
  return PLANNER_CASES.filter(({ secretName, settings, isWatched }) => {
    if (!isWatched(cached.name)) return false;
    const { steps } = planNamespace({
      observed,
      settings,
      secretName,
      now: NOW,
      refreshRequestSeenAt: undefined,
      removalSeen: undefined,
      isContested: () => false,
      bookkeepingAllowed: true,
    });
    return steps.some(({ kind }) => kind === 'attach');
  })
    .map(({ secretName }) => secretName)
    .sort();
}
