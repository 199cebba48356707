/** The generic half of the Kubernetes adapter on a real API server: what the fakes of its other tests assume. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isTooLargeResourceVersion } from '../../src/kubernetes/api-error.ts';
import { ApiTransport } from '../../src/kubernetes/api-transport.ts';
import { KubeconfigWire } from '../../src/kubernetes/kubeconfig-wire.ts';
import { loadKubeConfig } from '../../src/kubernetes/load-kube-config.ts';
import { type CachedObject, ObjectCache } from '../../src/kubernetes/object-cache.ts';
import { readObjectMeta } from '../../src/kubernetes/object-meta.ts';
import { Reflector } from '../../src/kubernetes/reflector.ts';
import { RequestBudget } from '../../src/kubernetes/request-budget.ts';
import type { ApiRequest } from '../../src/kubernetes/transport.ts';
import type { ControlPlane } from '../support/control-plane/control-plane.ts';
import { sharedControlPlane } from '../support/control-plane/shared.ts';
import { eventually } from '../support/eventually.ts';
import { systemClock as clock } from '../../src/base/system-clock.ts';
import { RecordedLog } from '../support/recorded-log.ts';

const namespace = 'reflector';
const path = `/api/v1/namespaces/${namespace}/configmaps`;
const signal = new AbortController().signal;

function connectWith(kubeconfig: string) {
  const wire = new KubeconfigWire({ kubeConfig: loadKubeConfig({ kubeconfig }), clock });
  const budget = new RequestBudget({ clock, qps: 500, burst: 500 });
  const transport = new ApiTransport({ wire, clock, budget });
  const log = new RecordedLog();
  const cache = new ObjectCache<CachedObject>(log);
  const endings: string[] = [];
  const reflector = new Reflector<CachedObject>({
    resource: 'configmaps',
    path,
    listAccept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    watchAccept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    project: readObjectMeta,
    cache,
    transport,
    clock,
    random: Math.random,
    log,
    onEnding: (reason) => endings.push(reason),
  });
  return { wire, transport, cache, reflector, endings, log };
}

describe('the reflector on a real API server', () => {
  let cluster: ControlPlane;
  let rig: ReturnType<typeof connectWith>;
  const ask = (request: Omit<ApiRequest, 'signal'>) =>
    rig.transport.request({ ...request, signal });
  const create = (name: string) =>
    ask({ method: 'POST', path, body: JSON.stringify({ metadata: { name } }) });

  beforeAll(async () => {
    cluster = await sharedControlPlane();
    rig = connectWith(cluster.adminKubeconfig);
    const body = JSON.stringify({ metadata: { name: namespace } });
    await ask({ method: 'POST', path: '/api/v1/namespaces', body });
    await Promise.all(Array.from({ length: 520 }, async (_, n) => create(`many-${String(n)}`)));
  });

  afterAll(async () => {
    await rig.reflector.stop();
    await rig.wire.close();
  });

  it('lists, follows and notices deletions', async () => {
    rig.reflector.start();
    await rig.reflector.untilSynced();
    // The first list comes from the server's own cache, which may be a moment behind its writes.
    await eventually({ what: 'all of them', limitMs: 5000 }, () => rig.cache.size >= 520);

    await create('later');
    await eventually({ what: 'the creation', limitMs: 5000 }, () =>
      rig.cache.get(namespace, 'later'),
    );
    await ask({ method: 'DELETE', path: `${path}/later` });
    await eventually(
      { what: 'the deletion', limitMs: 5000 },
      () => rig.cache.get(namespace, 'later') === undefined,
    );

    expect(rig.reflector.state).toMatchObject({ synced: true, denied: undefined });
    // One list and one watch: neither was refused or fell silent, and nothing was listed again.
    expect(rig.endings).toEqual([]);
  });

  it('finds the same again in pages, not older than a version', async () => {
    const { metadata } = (await ask({ method: 'GET', path, query: { limit: 1 } })) as {
      metadata: { resourceVersion: string };
    };
    const { resourceVersion } = metadata;
    const query = { limit: 500, resourceVersion, resourceVersionMatch: 'NotOlderThan' };
    const first = (await ask({ method: 'GET', path, query })) as {
      metadata: { continue: string };
      items: unknown[];
    };
    const second = (await ask({
      method: 'GET',
      path,
      query: { limit: 500, continue: first.metadata.continue },
    })) as { items: unknown[] };

    expect(first.items).toHaveLength(500);
    expect(first.items.length + second.items.length).toBe(rig.cache.size);
  });

  it('knows the refusal of a version that was never reached', async () => {
    const query = { resourceVersion: '999999999999', resourceVersionMatch: 'NotOlderThan' };

    const error: unknown = await ask({ method: 'GET', path, query }).catch(
      (caught: unknown) => caught,
    );

    expect(isTooLargeResourceVersion(error)).toBe(true);
  });

  it('says what it may not do', async () => {
    await eventually({ what: 'the default ServiceAccount', limitMs: 10_000 }, () =>
      ask({ method: 'GET', path: `/api/v1/namespaces/${namespace}/serviceaccounts/default` }),
    );
    const tenant = connectWith(
      await cluster.kubeconfigFor({ namespace, serviceAccount: 'default' }),
    );
    tenant.reflector.start();

    const denied = await eventually(
      { what: 'the denial', limitMs: 10_000 },
      () => tenant.reflector.state.denied,
    );

    expect(denied).toContain('cannot list resource "configmaps"');
    await tenant.reflector.stop();
    await tenant.wire.close();
  });
});
