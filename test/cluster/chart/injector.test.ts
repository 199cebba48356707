/** The chart's injector policy on a real API server: compared with the planner, in a rush of Pods, and when it is removed. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { atOnce } from '../../support/suite/at-once.ts';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import type { Answer, KubeObject } from '../../support/control-plane/admin-client.ts';
import { eventually } from '../../support/suite/eventually.ts';
import { type InjectorCase, drawnCases, edgeCases } from '../../support/injector/injector-cases.ts';
import { INJECTOR_CONFIGS, injectedName } from '../../support/injector/injector-configs.ts';
import { plannedReferences } from '../../support/injector/planned-references.ts';
import { createPod, referencesIn } from '../../support/injector/pods.ts';
import { pathOf } from '../../support/cluster/object-path.ts';
import { SECRET_NAME } from '../../support/cluster/opted-in.ts';
import { renderPolicies } from '../../support/chart/render-chart.ts';
import { Rig } from '../../support/cluster/rig.ts';

const ON = { guard: { enabled: false }, injector: { enabled: true } };
const SEED = 20_261_124;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.open({ controlPlane: 'own' });
});
closeAfterAll(() => [rig]);

describe('the injector compared with the planner', () => {
  const policies: KubeObject[] = [];

  beforeAll(async () => {
    const rendered = Object.entries(INJECTOR_CONFIGS).map(async ([instance, config]) =>
      renderPolicies({
        instance,
        rbac: { mode: config.namespaces?.only === undefined ? 'named' : 'namespaces' },
        admissionPolicies: ON,
        config: { ...config, secretName: injectedName(instance) },
      }),
    );
    policies.push(...(await Promise.all(rendered)).flat());
    await applyAll(policies);
  });
  afterAll(async () => {
    for (const policy of policies) await rig.admin.delete(pathOf(policy));
  });

  it('adds the reference where the planner would attach it, and nowhere else', async () => {
    const [first, ...rest] = [...edgeCases(), ...drawnCases(300, SEED)];
    if (first === undefined) throw new Error('drawing cases: there are none');
    const sentinel = await makeNamespace(first);
    await eventually({ what: 'the injectors', limitMs: 30_000 }, async () => {
      const planned = plannedReferences(sentinel, 'default');
      return (await injectedInto(sentinel, 'default')).join() === planned.join();
    });

    const found = await atOnce(20, rest, async (given) => {
      const namespace = await makeNamespace(given);
      return Promise.all(given.serviceAccounts.map(async (name) => compare(namespace, name)));
    });

    const all = found.flat();
    expect(all.filter(({ injected, planned }) => injected !== planned)).toEqual([]);
    // Each of them injects into some, but not all.
    for (const name of Object.keys(INJECTOR_CONFIGS).map(injectedName)) {
      const count = all.filter(({ injected }) => injected.split(' ').includes(name)).length;
      expect({ name, isMixed: count > 0 && count < all.length }).toEqual({ name, isMixed: true });
    }
  });

  async function makeNamespace({
    serviceAccounts,
    ...metadata
  }: InjectorCase): Promise<KubeObject> {
    const namespace = await rig.admin.create('/api/v1/namespaces', { metadata });
    for (const account of serviceAccounts) await makeAccount(metadata.name, account);
    return namespace;
  }

  async function compare(namespace: KubeObject, serviceAccount: string) {
    const injected = await injectedInto(namespace, serviceAccount);
    const planned = plannedReferences(namespace, serviceAccount);
    const { name, annotations } = namespace.metadata;
    const about = { namespace: name, annotations: JSON.stringify(annotations)?.slice(0, 300) };
    return { ...about, serviceAccount, injected: injected.join(' '), planned: planned.join(' ') };
  }

  /** Sorted. Fails if the Pod's own reference does not keep its place. */
  async function injectedInto(
    { metadata: { name } }: KubeObject,
    serviceAccount: string,
  ): Promise<readonly string[]> {
    const options = { serviceAccount, references: ['own'], dryRun: true };
    const [own, ...injected] = referencesIn(await createPod(rig.admin, name, options));
    expect(own).toBe('own');
    return [...injected].sort();
  }
});

/** The controller could not help here: it does not even run. */
describe('the injector', () => {
  let policies: readonly KubeObject[];

  beforeAll(async () => {
    policies = await renderPolicies({ admissionPolicies: ON });
  });

  it('is needed: without it none of 500 Pods right after the opt-in has the reference', async () => {
    const pods = await rush('rush-without');

    expect(countsOf(pods)).toEqual({ failed: 0, referenced: 0 });
  });

  it('adds the reference to all of 500 Pods right after the opt-in, with or without own references', async () => {
    await applyAll(policies);
    await untilInjecting('probe');

    const pods = await rush('rush-with');

    expect(countsOf(pods)).toEqual({ failed: 0, referenced: 500 });
    expect(new Set(pods.map((pod) => referencesIn(pod).join()))).toEqual(
      new Set([SECRET_NAME, `own,${SECRET_NAME}`]),
    );
  });

  it('adds it to all Pods of a namespace that is annotated later, once the API server has noticed', async () => {
    await rig.namespace('annotated');
    await makeAccount('annotated', 'default');
    await rig.annotate('annotated', { enabled: 'true' });

    // The API server evaluates Pods from its own watch, which is milliseconds behind, or more on a busy machine.
    await eventually(
      { what: 'the annotation to be seen', limitMs: 10_000, everyMs: 1 },
      async () => {
        return referencesIn(await createPod(rig.admin, 'annotated', { dryRun: true })).length > 0;
      },
    );
    const pods = await rushInto('annotated', 100);

    expect(countsOf(pods)).toEqual({ failed: 0, referenced: 100 });
  });

  it('leaves alone Pods that have the reference already, at any position', async () => {
    const references = [SECRET_NAME, 'own'];

    const pod = await createPod(rig.admin, 'probe', { references, dryRun: true });

    expect(referencesIn(pod)).toEqual(references);
  });

  it('leaves mirror Pods alone, which the API server refuses with a reference', async () => {
    const annotations = { 'kubernetes.io/config.mirror': 'hash' };

    const pod = await createPod(rig.admin, 'probe', { annotations, dryRun: true });

    expect(JSON.stringify(pod.body)).not.toContain(SECRET_NAME);
    expect(JSON.stringify(pod.body)).not.toContain('may not reference secrets');
  });

  it('fails no Pod when its binding is deleted in the middle of a rush', async () => {
    const binding = policies.find(({ kind }) => kind === 'MutatingAdmissionPolicyBinding');
    if (binding === undefined) throw new Error('rendering: there is no binding');

    const pods = await rush('rush-midway', async (index) => {
      if (index === 100) await rig.admin.delete(pathOf(binding));
    });
    await eventually({ what: 'the injector to be gone', limitMs: 30_000 }, async () => {
      const pod = await createPod(rig.admin, 'probe', { dryRun: true });
      return referencesIn(pod).length === 0;
    });

    expect(countsOf(pods).failed).toBe(0);
    expect(countsOf(pods).referenced).toBeGreaterThanOrEqual(100);
  });

  /** 500 Pods right after the creation of an opted-in namespace, every second one with its own reference. */
  async function rush(
    namespace: string,
    before: (index: number) => Promise<void> = () => Promise.resolve(),
  ): Promise<readonly Answer[]> {
    await optIn(namespace);
    return rushInto(namespace, 500, before);
  }

  async function untilInjecting(namespace: string): Promise<void> {
    await optIn(namespace);
    await eventually({ what: 'the injector', limitMs: 30_000 }, async () => {
      return referencesIn(await createPod(rig.admin, namespace, { dryRun: true })).length > 0;
    });
  }
});

/** While one instance replaces the other, a Pod needs both names: a Pod with its own list gets nothing from its ServiceAccount. */
describe('the injectors of two instances that serve one namespace', () => {
  const NAMES = { first: 'old', second: 'new' };

  beforeAll(async () => {
    for (const [instance, secretName] of Object.entries(NAMES)) {
      const values = { instance, admissionPolicies: ON, config: { secretName } };
      await applyAll(await renderPolicies(values));
    }
    await optIn('shared');
    await eventually({ what: 'both injectors', limitMs: 30_000 }, async () => {
      return referencesIn(await createPod(rig.admin, 'shared', { dryRun: true })).length === 2;
    });
  });

  it.each<readonly [string, readonly string[] | undefined, readonly string[]]>([
    ['has no list', undefined, ['new', 'old']],
    ['has an empty list', [], ['new', 'old']],
    ['names Secrets of its own', ['own', 'other'], ['own', 'other', 'new', 'old']],
    ['names that of the first', ['old', 'own'], ['old', 'own', 'new']],
    ['names that of the second', ['own', 'new'], ['own', 'new', 'old']],
    ['names them all', ['old', 'own', 'new'], ['old', 'own', 'new']],
  ])('add what it lacks to a Pod that %s', async (_, references, expected) => {
    const own = references === undefined ? {} : { references };

    const pod = await createPod(rig.admin, 'shared', { ...own, dryRun: true });

    const kept = references?.length ?? 0;
    const found = referencesIn(pod);
    // The order of the two policies is undefined.
    expect([...found.slice(0, kept), ...found.slice(kept).sort()]).toEqual(expected);
  });

  it('add what the list of its ServiceAccount lacks', async () => {
    await rig.setReferences('shared', ['old']);

    // The API server knows ServiceAccounts from a watch.
    await eventually({ what: 'the list', limitMs: 10_000, everyMs: 20 }, async () => {
      const pod = await createPod(rig.admin, 'shared', { dryRun: true });
      return referencesIn(pod).join() === 'old,new';
    });
  });
});

/** Policies take effect a moment later. */
async function applyAll(policies: readonly KubeObject[]): Promise<void> {
  for (const policy of policies) await rig.admin.apply(pathOf(policy), policy, 'helm');
}

async function rushInto(
  namespace: string,
  length: number,
  before: (index: number) => Promise<void> = () => Promise.resolve(),
): Promise<readonly Answer[]> {
  return atOnce(50, Array.from({ length }), async (_, index) => {
    await before(index);
    return createPod(rig.admin, namespace, index % 2 === 0 ? {} : { references: ['own'] });
  });
}

async function optIn(namespace: string): Promise<void> {
  await rig.optIn(namespace);
  await makeAccount(namespace, 'default');
}

/** An apply, because the controller manager may already have created it. */
async function makeAccount(namespace: string, name: string): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } };
  await rig.admin.apply(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}`, body);
}

function countsOf(pods: readonly Answer[]) {
  const made = pods.filter(({ status }) => status === 201);
  const referenced = made.filter((pod) => referencesIn(pod).includes(SECRET_NAME));
  return { failed: pods.length - made.length, referenced: referenced.length };
}
