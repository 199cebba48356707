/** What a day brings: teams opt in, a Pod appears, people delete and tamper, a team opts out. */
import { NAMESPACE_ANNOTATIONS, SECRET_DATA_KEY } from '../../src/domain/contract.ts';
import {
  accountPath,
  findSecret,
  isReady,
  namespacePath,
  pullAsKubelet,
  readReferences,
  readSecret,
  secretPath,
  secretRows,
} from '../stage/observe.ts';
import type { Stage } from '../stage/stage.ts';
import { formatHours, until } from '../stage/story-time.ts';

/** The pull secret that team web has before the demo begins. */
const OWN_PULL_SECRET = 'docker-hub';
/** Any image of the registry that the token opens. */
const IMAGE_PATH = '/shop/api:1.4';

export async function optIn(stage: Stage): Promise<void> {
  const { narrator, cluster, teams, secretName, ecr } = stage;
  const names = Object.values(teams);
  narrator.act('Three teams opt in', stage.time.label());
  for (const name of names) await annotate(stage, name, 'true');
  await narrator.promise('each gets a Secret, which its ServiceAccount references', async () => {
    await until('all three', async () => {
      const ready = await Promise.all(names.map((name) => isReady(stage, name)));
      return ready.every(Boolean);
    });
    return '';
  });
  narrator.note(`registry: ${(await readSecret(stage, teams.payments)).registries}`);
  narrator.table(await secretRows(stage));
  await narrator.promise(
    `${teams.web} keeps its own pull secret "${OWN_PULL_SECRET}", ahead of the new one`,
    async () => {
      const seen = await readReferences(cluster, accountPath(teams.web));
      const [own, ours] = [seen.indexOf(OWN_PULL_SECRET), seen.indexOf(secretName)];
      if (own >= 0 && own < ours) return '';
      throw new Error(`it has ${seen.join(', ') || 'none'}`);
    },
  );
  if (ecr === undefined) return;
  await narrator.promise('one token was requested, and all three share it', () => {
    expectCalls(ecr.calls, 1);
    return '';
  });
}

/** The Pod is never scheduled: the demo shows what a kubelet would find for it. */
export async function startPod(stage: Stage): Promise<void> {
  const { narrator, cluster, teams, ecr, secretName } = stage;
  narrator.act('A Pod appears', stage.time.label());
  const { registries } = await readSecret(stage, teams.payments);
  const image = `${registries.split(',', 1).join('')}${IMAGE_PATH}`;
  narrator.command(`${stage.kubectl} -n ${teams.payments} run api \\\n--image ${image}`);
  narrator.note('it is never scheduled, so nothing is pulled');
  const pods = `${namespacePath(teams.payments)}/pods`;
  await cluster.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'api' },
    // No node takes it: nothing is pulled, even on a real cluster.
    spec: { schedulerName: 'nobody', containers: [{ name: 'api', image }] },
  });
  await narrator.promise('it has the reference from its ServiceAccount', async () => {
    const references = await readReferences(cluster, `${pods}/api`);
    if (references.includes(secretName)) return references.join(', ');
    throw new Error(`it has ${references.join(', ') || 'none'}`);
  });
  await narrator.promise(
    "a kubelet would find the credentials for the Pod's image in that Secret",
    async () => {
      const { key, password } = await pullAsKubelet(stage, teams.payments, 'api');
      const life = (ecr?.expiryOf(password).getTime() ?? 0) - stage.time.now().getTime();
      return ecr === undefined
        ? `under the key ${key}`
        : `valid for ${formatHours(life / stage.time.hourMs)}`;
    },
  );
}

export async function deleteSecret(stage: Stage): Promise<void> {
  const { narrator, cluster, teams, secretName } = stage;
  narrator.act('Somebody deletes a Secret', stage.time.label());
  const before = await readSecret(stage, teams.payments);
  narrator.command(`${stage.kubectl} -n ${teams.payments} delete secret ${secretName}`);
  await withoutCalls(stage, async () => {
    await cluster.delete(secretPath(stage, teams.payments));
    await narrator.promise('it comes back', async () => {
      await until('the Secret', async () => {
        const now = await findSecret(stage, teams.payments);
        return now !== undefined && now.uid !== before.uid;
      });
      return '';
    });
  });
}

export async function tamper(stage: Stage): Promise<void> {
  const { narrator, cluster, teams, secretName } = stage;
  narrator.act('Somebody empties a Secret', stage.time.label());
  const before = await readSecret(stage, teams.search);
  const path = secretPath(stage, teams.search);
  await withoutCalls(stage, async () => {
    const content = Buffer.from('{"auths":{}}').toString('base64');
    const change = { data: { [SECRET_DATA_KEY]: content } };
    narrator.command(
      `${stage.kubectl} -n ${teams.search} patch secret ${secretName} --type=merge \\\n-p '${JSON.stringify(change)}'`,
    );
    await cluster.merge(path, change);
    await narrator.promise('its content is restored, in the same object', async () => {
      await until('the content', async () => {
        const now = await cluster.find(path);
        const { [SECRET_DATA_KEY]: data } = (now?.['data'] ?? {}) as Record<string, string>;
        return data !== undefined && data !== content;
      });
      const { uid } = await readSecret(stage, teams.search);
      if (uid === before.uid) return '';
      throw new Error('it is a different object');
    });
  });
}

export async function optOut(stage: Stage): Promise<void> {
  const { narrator, cluster, teams, time, secretName, graceHours } = stage;
  narrator.act('One team opts out', time.label());
  await annotate(stage, teams.web, 'false');
  await until('the grace period to begin', async () => {
    return (await findSecret(stage, teams.web))?.removalDueAt;
  });
  narrator.note(`nothing is removed at once: the team has ${stage.graceText} to change its mind`);
  await time.pass(graceHours * 0.9, async (at) => narrator.progress(at));
  await narrator.promise('its Secret stays for the grace period', async () => {
    await readSecret(stage, teams.web);
    return `still there at ${time.label()}`;
  });
  await time.pass(graceHours * 0.2, async (at) => narrator.progress(at));
  await narrator.promise('then it is deleted, and the reference to it is removed', async () => {
    await until('both to be removed', async () => {
      const references = await readReferences(cluster, accountPath(teams.web));
      const secret = await findSecret(stage, teams.web);
      return secret === undefined && !references.includes(secretName);
    });
    return `gone by ${time.label()}`;
  });
  await narrator.promise(`the pull secret "${OWN_PULL_SECRET}" stays`, async () => {
    const references = await readReferences(cluster, accountPath(teams.web));
    if (references.includes(OWN_PULL_SECRET)) return '';
    throw new Error(`it has ${references.join(', ') || 'none'}`);
  });
}

/** Creates the namespaces as they are before the demo begins. */
export async function createTeams({ cluster, teams }: Stage, labels: object): Promise<void> {
  for (const name of Object.values(teams)) {
    await cluster.create('/api/v1/namespaces', { metadata: { name, labels } });
    await until(`the ServiceAccount of ${name}`, () => cluster.find(accountPath(name)));
  }
  await cluster.merge(accountPath(teams.web), { imagePullSecrets: [{ name: OWN_PULL_SECRET }] });
}

async function annotate(stage: Stage, name: string, value: string): Promise<void> {
  const { narrator, cluster, kubectl } = stage;
  const key = NAMESPACE_ANNOTATIONS.enabled;
  const overwrite = value === 'true' ? '' : '--overwrite ';
  narrator.command(`${kubectl} annotate ${overwrite}namespace ${name} ${key}=${value}`);
  await cluster.merge(namespacePath(name), { metadata: { annotations: { [key]: value } } });
}

/** A repair uses the cached token. */
async function withoutCalls({ narrator, ecr }: Stage, act: () => Promise<void>): Promise<void> {
  const before = ecr?.calls ?? 0;
  await act();
  if (ecr === undefined) return;
  await narrator.promise('rebuilt from the token in memory, without calling ECR', () => {
    expectCalls(ecr.calls - before, 0);
    return '';
  });
}

export function expectCalls(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`${actual} calls instead of ${expected}`);
}
