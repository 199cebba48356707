/** Renders the chart with helm, without hooks, and the text of manifests/install.yaml. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, parseAllDocuments, stringify } from 'yaml';
import { CHART } from './chart.ts';
import type { KubeObject } from '../control-plane/admin-client.ts';
import { Helm } from '../tools/helm.ts';

const NAME = 'ecr-pull-secrets';
const HEAD = `# Everything that one installation needs. Rendered from charts/ecr-pull-secrets by \`npm run manifests\`: don't edit.
# Opt a namespace in with:
#   kubectl annotate namespace NAME ecr-pull-secrets.io/enabled=true
apiVersion: v1
kind: Namespace
metadata:
  name: ${NAME}
  labels:
    app.kubernetes.io/name: ${NAME}
    app.kubernetes.io/part-of: ${NAME}
    pod-security.kubernetes.io/enforce: restricted
`;
const CHECKSUM = ['spec', 'template', 'metadata', 'annotations', 'checksum/config'];
/** Labels that would mark the objects as managed by Helm. */
const LABELS_OF_HELM = ['app.kubernetes.io/managed-by', 'helm.sh/chart'];

/** The objects of a release in the tests' namespace. Rejects with helm's own error. */
export async function renderChart(values: object, release = NAME): Promise<readonly KubeObject[]> {
  return (await template(values, release)).map((document) => document.toJS() as KubeObject);
}

/** Only the chart's admission policies and their bindings. */
export async function renderPolicies(values: object): Promise<readonly KubeObject[]> {
  const objects = await renderChart(values);
  return objects.filter(({ apiVersion }) => apiVersion === 'admissionregistration.k8s.io/v1');
}

/** The chart with its defaults, for users without Helm. The same chart always gives the same text. */
export async function renderInstallation(): Promise<string> {
  return [HEAD, ...(await template({}, NAME)).map(renderDocument)].join('---\n');
}

async function template(values: object, release: string): Promise<readonly Document[]> {
  const helm = await Helm.open();
  try {
    const file = join(helm.dir, 'values.yaml');
    // helm reads YAML 1.1, in which a bare `y` or `no` is a boolean.
    await writeFile(file, stringify(values, { version: '1.1' }));
    const flags = ['--namespace', NAME, '--no-hooks', '--values', file];
    return parseAllDocuments(await helm.succeed('template', release, CHART, ...flags));
  } finally {
    await helm.close();
  }
}

function renderDocument(document: Document): string {
  for (const label of LABELS_OF_HELM) document.deleteIn(['metadata', 'labels', label]);
  // The checksum is useful only for an upgrade by Helm.
  if (document.hasIn(CHECKSUM)) document.deleteIn(CHECKSUM);
  // The first comment is Helm's and names the source template.
  if (document.contents !== null) {
    const comment = document.contents.commentBefore ?? document.commentBefore ?? '';
    document.commentBefore = null;
    document.contents.commentBefore = comment.replace(/^ Source: .*\n?/, '') || null;
  }
  return document.toString({ lineWidth: 0, directives: false, flowCollectionPadding: false });
}
