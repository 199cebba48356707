/** The commands in the runbooks and alerts, as a person types them: the real kubectl accepts each. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readAlerts, RUNBOOKS } from '../../support/chart/alerts.ts';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import { blocksIn } from '../../support/pages/document-page.ts';
import { typed } from '../../support/cluster/kubectl.ts';
import { LEASE_PATH, startReplica } from '../../support/cluster/replicas.ts';
import { Rig } from '../../support/cluster/rig.ts';

/** Those in code blocks; the command of an alert is the last sentence of its description. */
const commands = [
  ...readdirSync(RUNBOOKS).flatMap((page) =>
    commandsOf(readFileSync(join(RUNBOOKS, page), 'utf8')),
  ),
  ...readAlerts().map(({ annotations }) => commandOf(annotations.description)),
];

/** `helm test` needs running Pods; test/cluster has a separate test for it. */
const OTHERS = ['helm test ecr-pull-secrets -n ecr-pull-secrets'];

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.open({ controlPlane: 'shared' });
  await rig.admin.delete(LEASE_PATH);
  await startReplica(rig);
  await rig.optInAndWait('team-a');
});
closeAfterAll(
  () => [rig],
  () => rig.admin.delete(LEASE_PATH),
);

describe('the commands of the runbooks', () => {
  it.each([...new Set(commands)].filter((command) => command.startsWith('kubectl ')))(
    'work: %s',
    async (command) => {
      const { code, stderr } = await typed(rig.controlPlane, command);
      expect([code, stderr]).toEqual([0, expect.not.stringMatching(/error|unknown/i)]);
    },
  );

  it('are all tried', () => {
    const others = commands.filter((command) => !command.startsWith('kubectl '));

    expect([...new Set(others)]).toEqual(OTHERS);
  });
});

function commandsOf(page: string): readonly string[] {
  const lines = blocksIn(page, 'sh').flatMap((block) => block.split('\n'));
  return lines.map((line) => line.trim()).filter(Boolean);
}

/** With the names of the runbooks' installation; without `grep`, which finds nothing if no Pod runs. */
function commandOf(description: string): string {
  const [, command = description] = /: ((?:kubectl|helm) .*)$/.exec(description) ?? [];
  return command
    .replaceAll('{{ $labels.pod }}', '-l app.kubernetes.io/name=ecr-pull-secrets')
    .replaceAll('{{ $labels.namespace }}', 'team-a')
    .replaceAll('{{ $labels.reason }}', 'SecretNotOwned')
    .replaceAll('<secret>', 'ecr-pull-secret')
    .replaceAll(/<[a-z-]+>/g, 'ecr-pull-secrets')
    .replace(/ \| grep .*/, '');
}
