/** The real CRDs of the Prometheus operator, from its Go module in Go's own cache. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { AdminClient, KubeObject } from '../control-plane/admin-client.ts';
import { eventually } from '../eventually.ts';
import { runGo } from '../go/run-go.ts';

const MODULE = 'github.com/prometheus-operator/prometheus-operator@v0.85.0';
const PLURALS = ['servicemonitors', 'podmonitors', 'prometheusrules'];
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Resolves when objects of them can be made. */
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
  const cwd = await mkdtemp(join(tmpdir(), 'ecr-pull-secrets-crds-'));
  try {
    const call = { what: 'the CRDs of the Prometheus operator', cwd, mod: 'mod' } as const;
    const about = JSON.parse(await runGo(call, ['mod', 'download', '-json', MODULE])) as {
      readonly Dir: string;
    };
    const folder = join(about.Dir, 'example/prometheus-operator-crd');
    const files = PLURALS.map((plural) => join(folder, `monitoring.coreos.com_${plural}.yaml`));
    const texts = await Promise.all(files.map(async (file) => readFile(file, 'utf8')));
    return texts.map((text) => parse(text) as KubeObject);
  } finally {
    await rm(cwd, { recursive: true });
  }
}
