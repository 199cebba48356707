/** manifests/install.yaml: the chart with its defaults, for those who don't use Helm. */
import { type Document, parseAllDocuments } from 'yaml';
import { CHART } from './chart.ts';
import { Helm } from './tools/helm.ts';

export const INSTALL = new URL('../../manifests/install.yaml', import.meta.url);

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

/** Equal charts give equal texts. */
export async function renderInstallation(): Promise<string> {
  const helm = await Helm.open();
  try {
    const rendered = await helm.succeed('template', NAME, CHART, '--namespace', NAME, '--no-hooks');
    return [HEAD, ...parseAllDocuments(rendered).map(renderDocument)].join('---\n');
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
