/** The chart as helm renders it, hooks left out, and the text of manifests/install.yaml. */
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
/** What would say that Helm manages the objects. */
const LABELS_OF_HELM = ['app.kubernetes.io/managed-by', 'helm.sh/chart'];

/** Of a release in the namespace of the tests. Rejects with helm's own words. */
export async function renderChart(values: object, release = NAME): Promise<readonly KubeObject[]> {
  return (await template(values, release)).map((document) => document.toJS() as KubeObject);
}

/** Its admission policies and their bindings alone. */
export async function renderPolicies(values: object): Promise<readonly KubeObject[]> {
  const objects = await renderChart(values);
  return objects.filter(({ apiVersion }) => apiVersion === 'admissionregistration.k8s.io/v1');
}

/** The chart with its defaults, for those who don't use Helm. Equal charts give equal texts. */
export async function renderInstallation(): Promise<string> {
  return [HEAD, ...(await template({}, NAME)).map(renderDocument)].join('---\n');
}

async function template(values: object, release: string): Promise<readonly Document[]> {
  const helm = await Helm.open();
  try {
    const file = join(helm.dir, 'values.yaml');
    // YAML 1.1 is what helm reads: it takes a bare `y` or `no` for a boolean.
    await writeFile(file, stringify(values, { version: '1.1' }));
    const flags = ['--namespace', NAME, '--no-hooks', '--values', file];
    return parseAllDocuments(await helm.succeed('template', release, CHART, ...flags));
  } finally {
    await helm.close();
  }
}

function renderDocument(document: Document): string {
  for (const label of LABELS_OF_HELM) document.deleteIn(['metadata', 'labels', label]);
  // Only an upgrade by Helm changes it.
  if (document.hasIn(CHECKSUM)) document.deleteIn(CHECKSUM);
  // The first comment is Helm's: which template it comes from.
  if (document.contents !== null) {
    const comment = document.contents.commentBefore ?? document.commentBefore ?? '';
    document.commentBefore = null;
    document.contents.commentBefore = comment.replace(/^ Source: .*\n?/, '') || null;
  }
  return document.toString({ lineWidth: 0, directives: false, flowCollectionPadding: false });
}
