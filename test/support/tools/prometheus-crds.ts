/** The real CRDs of the Prometheus operator, from its Go module. */
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { AdminClient, KubeObject } from '../control-plane/admin-client.ts';
import { eventually } from '../suite/eventually.ts';
import { downloadModule } from './go-tools.ts';
import { findTool, type Tool } from './tool.ts';

const VERSION = 'v0.85.0';
const PLURALS = ['servicemonitors', 'podmonitors', 'prometheusrules'];
const FILES = PLURALS.map((plural) => `monitoring.coreos.com_${plural}.yaml`);
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export const PROMETHEUS_CRDS: Tool = {
  name: 'prometheus-crds',
  version: VERSION,
  fill: async (directory, work) => {
    const module = `github.com/prometheus-operator/prometheus-operator@${VERSION}`;
    const folder = join(await downloadModule(module, work), 'example/prometheus-operator-crd');
    for (const file of FILES) await copyFile(join(folder, file), join(directory, file));
  },
};

/** Resolves when objects of these kinds can be created. */
export async function installPrometheusCrds(admin: AdminClient): Promise<void> {
  for (const definition of await readCrds()) {
    await admin.apply(`${DEFINITIONS}/${definition.metadata.name}`, definition);
  }
  for (const plural of PLURALS) {
    const path = `/apis/monitoring.coreos.com/v1/${plural}`;
    await eventually({ what: plural, limitMs: 30_000 }, async () => {
      const { status } = await admin.raw('GET', path);
      return status === 200 ? true : undefined;
    });
  }
}

export async function removePrometheusCrds(admin: AdminClient): Promise<void> {
  const names = PLURALS.map((plural) => `${plural}.monitoring.coreos.com`);
  for (const name of names) await admin.delete(`${DEFINITIONS}/${name}`);
}

async function readCrds(): Promise<readonly KubeObject[]> {
  const directory = await findTool(PROMETHEUS_CRDS);
  const texts = FILES.map(async (file) => readFile(join(directory, file), 'utf8'));
  return (await Promise.all(texts)).map((text) => parse(text) as KubeObject);
}
