/** The command that lists the Pods which name the old Secret alone, as the chart's notes and the reference give it. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CHART } from '../support/chart.ts';
import { environmentOf } from '../support/kubectl.ts';
import { Rig } from '../support/rig.ts';
import { Helm } from '../support/tools/helm.ts';

const NAMESPACE = 'previous-names';
const REFERENCE = join(import.meta.dirname, '../../docs/reference.md');
const [NEW, OLD, OLDER] = ['pulls.new', 'pulls.old', 'pulls.older'];
const PODS = {
  'old-alone': [OLD],
  'old-and-own': ['own', OLD, 'other'],
  'older-alone': [OLDER],
  'old-then-new': [OLD, NEW],
  'new-then-old': [NEW, 'own', OLD],
  'new-alone': [NEW],
  'own-alone': ['own'],
  'names-alike': [`${OLD}-x`, `x-${OLD}`, 'pulls-old'],
  'old-and-alike-new': [OLD, `${NEW}-x`],
  none: [],
  finished: [OLD],
} as const;

let rig: Rig;
let helm: Helm;

beforeAll(async () => {
  rig = await Rig.open({ controlPlane: 'shared' });
  helm = await Helm.open(rig.controlPlane.adminKubeconfig);
  await rig.namespace(NAMESPACE);
  await rig.admin.apply(`/api/v1/namespaces/${NAMESPACE}/serviceaccounts/default`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default' },
  });
  const path = `/api/v1/namespaces/${NAMESPACE}/pods`;
  for (const [name, references] of Object.entries(PODS)) {
    await rig.admin.create(path, {
      metadata: { name },
      spec: {
        imagePullSecrets: references.map((reference) => ({ name: reference })),
        containers: [{ name: 'main', image: 'image' }],
      },
    });
  }
  await rig.admin.mergePatch(`${path}/finished/status`, { status: { phase: 'Succeeded' } });
});
afterAll(async () => {
  await helm.close();
  await rig.close();
});

describe('the command for Pods that name a previous Secret alone', () => {
  it('finds them and no other, as the notes of the chart print it', async () => {
    const notes = await helm.succeed(
      'install',
      'pulls',
      CHART,
      '--dry-run=client',
      '--set=instance=notes',
      `--set=config.secretName=${NEW}`,
      `--set=config.previousSecretNames={${OLD},${OLDER}}`,
    );
    const command = notes.split('\n').find((line) => line.includes('kubectl get pods -A')) ?? '';

    expect(await podsFoundBy(command)).toEqual([
      `old-alone ${OLD}`,
      `old-and-alike-new ${OLD} ${NEW}-x`,
      `old-and-own own ${OLD} other`,
      `older-alone ${OLDER}`,
    ]);
  });

  it('finds them and no other, as the reference has it', async () => {
    const page = readFileSync(REFERENCE, 'utf8').split('\n');
    const command = page.find((line) => line.startsWith('kubectl get pods -A')) ?? '';
    const filledIn = command.replace('OLD_NAME', OLD).replace('NEW_NAME', NEW);

    expect(await podsFoundBy(filledIn)).toEqual([
      `old-alone ${OLD}`,
      `old-and-alike-new ${OLD} ${NEW}-x`,
      `old-and-own own ${OLD} other`,
    ]);
  });
});

async function podsFoundBy(command: string): Promise<readonly string[]> {
  const { adminKubeconfig: kubeconfig, dir } = rig.controlPlane;
  const env = environmentOf({ kubeconfig, dir });
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { env });
  const here = stdout.split('\n').filter((line) => line.startsWith(`${NAMESPACE}/`));
  return here.map((line) => line.slice(NAMESPACE.length + 1).trim()).sort();
}
