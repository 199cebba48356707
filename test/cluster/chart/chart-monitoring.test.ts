/** What the chart renders for Prometheus, the network and the API server's priorities, checked by a real API server. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments, stringify } from 'yaml';
import { CHART } from '../../support/chart/chart.ts';
import { AdminClient, type KubeObject } from '../../support/control-plane/admin-client.ts';
import type { ControlPlane } from '../../support/control-plane/control-plane.ts';
import { sharedControlPlane } from '../../support/control-plane/shared.ts';
import { eventually } from '../../support/suite/eventually.ts';
import { pathOf } from '../../support/cluster/object-path.ts';
import { Helm } from '../../support/tools/helm.ts';
import {
  installPrometheusCrds,
  removePrometheusCrds,
} from '../../support/tools/prometheus-crds.ts';

const NS = 'chart-monitoring';
const ACCOUNT = 'puller';
const FLOW_SCHEMAS = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas';

let controlPlane: ControlPlane;
let admin: AdminClient;
let helm: Helm;
beforeAll(async () => {
  controlPlane = await sharedControlPlane();
  admin = await controlPlane.admin();
  helm = await Helm.open(controlPlane.adminKubeconfig);
  await admin.create('/api/v1/namespaces', { metadata: { name: NS } });
});
afterAll(async () => {
  await admin.delete(`/api/v1/namespaces/${NS}`);
  await admin.close();
  await helm.close();
});

const EVERYTHING = {
  instance: NS,
  serviceAccount: { create: false, name: ACCOUNT },
  service: {
    type: 'LoadBalancer',
    port: 9090,
    ipFamilyPolicy: 'SingleStack',
    ipFamilies: ['IPv4'],
  },
  metrics: {
    serviceMonitor: monitor(),
    prometheusRule: {
      labels: { release: 'prometheus' },
      annotations: { a: 'b' },
      alertLabels: { team: 'a' },
      disabledAlerts: ['EcrPullSecretsWatchStalled'],
    },
  },
  aws: { proxy: { url: 'http://proxy.example.io:3128' } },
  networkPolicy: {
    enabled: true,
    metricsFrom: [{ namespaceSelector: { matchLabels: { a: 'b' } } }],
    apiServer: [{ to: [{ ipBlock: { cidr: '10.0.0.1/32' } }], ports: [{ port: 16443 }] }],
    extraEgress: [{ ports: [{ port: 4318, protocol: 'TCP' }] }],
  },
  flowSchema: { enabled: true },
};

function monitor() {
  return {
    interval: '15s',
    scrapeTimeout: '10s',
    labels: { release: 'prometheus' },
    annotations: { a: 'b' },
    relabelings: [{ targetLabel: 'cluster', replacement: 'one' }],
    metricRelabelings: [{ sourceLabels: ['__name__'], regex: 'nodejs_.*', action: 'drop' }],
  };
}

const KINDS = [
  'FlowSchema',
  'NetworkPolicy',
  'PodMonitor',
  'PrometheusRule',
  'Service',
  'ServiceMonitor',
];

function kindsBut(left: string): readonly string[] {
  return KINDS.filter((kind) => kind !== left);
}

/** The rendered objects of these kinds, for this cluster. */
async function render(values: object): Promise<readonly KubeObject[]> {
  const file = join(helm.dir, 'values.yaml');
  await writeFile(file, stringify(values));
  const mode = ['--dry-run=server', '--hide-notes'];
  const text = await helm.succeed('install', 'eps', CHART, '-n', NS, '-f', file, ...mode);
  const manifest = text.slice(text.indexOf('\n---\n'));
  return parseAllDocuments(manifest)
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null)
    .filter(({ kind = '' }) => KINDS.includes(kind));
}

async function judge(object: KubeObject): Promise<unknown> {
  return admin.apply(`${pathOf(object)}?dryRun=All&fieldValidation=Strict`, object);
}

const kindsOf = (objects: readonly KubeObject[]) => objects.map(({ kind = '' }) => kind).sort();

describe('without the CRDs of the Prometheus operator', () => {
  it('nothing that needs them is rendered', async () => {
    expect(kindsOf(await render(EVERYTHING))).toEqual(['FlowSchema', 'NetworkPolicy', 'Service']);
  });

  it('an installation that requires them is refused with the reason', async () => {
    await expect(
      render({ instance: NS, metrics: { renderMode: 'failIfMissing' } }),
    ).rejects.toThrow('install the CRDs of the Prometheus operator first');
  });
});

describe('with them', () => {
  beforeAll(async () => {
    await installPrometheusCrds(admin);
    // The discovery that helm reads follows a moment later, kind by kind.
    const renderMode = 'failIfMissing';
    await eventually({ what: 'helm to see all kinds', limitMs: 30_000 }, async () => {
      await render({ instance: NS, metrics: { renderMode } });
      await render({ instance: NS, metrics: { renderMode, podMonitor: { enabled: true } } });
      return true;
    });
  });
  afterAll(async () => removePrometheusCrds(admin));

  it.each([
    ['the defaults', { instance: NS }, ['PrometheusRule', 'Service', 'ServiceMonitor']],
    ['every value', EVERYTHING, kindsBut('PodMonitor')],
    [
      'every value of a PodMonitor',
      { ...EVERYTHING, metrics: { podMonitor: { ...monitor(), enabled: true } } },
      kindsBut('ServiceMonitor'),
    ],
  ])('the server takes all that is rendered from %s, field by field', async (_, values, kinds) => {
    const objects = await render(values);

    expect(kindsOf(objects)).toEqual(kinds);
    for (const object of objects) await judge(object);
  });

  it('an unknown field would be refused', async () => {
    const kind = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule' };

    await expect(
      judge({ ...kind, metadata: { name: 'x', namespace: NS }, spec: { groop: [] } }),
    ).rejects.toThrow('.spec.groop: field not declared in schema');
  });
});

describe('the FlowSchema', () => {
  const name = `ecr-pull-secrets-${NS}`;
  const lease = `/apis/coordination.k8s.io/v1/namespaces/${NS}/leases/${name}`;
  let user: AdminClient;
  beforeAll(async () => {
    await admin.create(`/api/v1/namespaces/${NS}/serviceaccounts`, {
      metadata: { name: ACCOUNT },
    });
    const account = { namespace: NS, serviceAccount: ACCOUNT };
    user = await AdminClient.from(await controlPlane.kubeconfigFor(account));
  });
  afterAll(async () => {
    await admin.delete(`${FLOW_SCHEMAS}/${name}`);
    await user.close();
  });

  it('matches the Lease requests of our ServiceAccount, and no other requests', async () => {
    const schemas = await admin.list(FLOW_SCHEMAS);
    const uidOf = (wanted: string) =>
      schemas.find(({ metadata }) => metadata.name === wanted)?.metadata.uid;
    const before = await user.flowSchemaOf('GET', lease);
    const [rendered] = (await render(EVERYTHING)).filter(({ kind }) => kind === 'FlowSchema');
    if (rendered === undefined) throw new Error('no FlowSchema is rendered');
    const { metadata } = await admin.apply(pathOf(rendered), rendered);
    await eventually({ what: 'the FlowSchema to be in effect', limitMs: 20_000 }, async () =>
      (await user.flowSchemaOf('GET', lease)) === metadata.uid ? true : undefined,
    );

    // As the leader renews: by server-side apply. It has no permission here, but its priority is decided before that.
    expect(await user.flowSchemaOf('PATCH', lease)).toBe(metadata.uid);
    expect(before).toBe(uidOf('service-accounts'));
    expect(await user.flowSchemaOf('GET', '/api/v1/namespaces')).toBe(uidOf('service-accounts'));
    const elsewhere = '/apis/coordination.k8s.io/v1/namespaces/default/leases/x';
    expect(await user.flowSchemaOf('GET', elsewhere)).toBe(uidOf('service-accounts'));
  });
});
