/** The admission policies of the chart, as helm renders them. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';
import type { AdminClient, KubeObject } from '../control-plane/admin-client.ts';
import { INSTALLED_AS } from '../install.ts';
import { pathOf } from '../object-path.ts';
import { findHelm } from '../tools/find-tool.ts';

const CHART = fileURLToPath(new URL('../../../charts/ecr-pull-secrets', import.meta.url));
const API_GROUP = 'admissionregistration.k8s.io/v1';

/** Of a release in the namespace of the tests. Rejects with helm's own words. */
export async function renderPolicies(values: object): Promise<readonly KubeObject[]> {
  const helm = await findHelm();
  const dir = await mkdtemp(join(tmpdir(), 'ecr-pull-secrets-chart-'));
  try {
    const file = join(dir, 'values.yaml');
    // YAML 1.1 is what helm reads: it takes a bare `y` or `no` for a boolean.
    await writeFile(file, stringify(values, { version: '1.1' }));
    const { stdout } = await promisify(execFile)(helm, [
      'template',
      INSTALLED_AS.serviceAccount,
      CHART,
      `--namespace=${INSTALLED_AS.namespace}`,
      '--kube-version=1.36.0',
      `--values=${file}`,
    ]);
    const objects = parseAllDocuments(stdout).map((document) => document.toJS() as KubeObject);
    return objects.filter((object) => object.apiVersion === API_GROUP);
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** Makes them, or changes them to this. They take effect a moment later. */
export async function applyPolicies(
  admin: AdminClient,
  policies: readonly KubeObject[],
): Promise<void> {
  for (const policy of policies) await admin.apply(pathOf(policy), policy, 'helm');
}
