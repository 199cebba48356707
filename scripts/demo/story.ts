/** The acts of the demo. Each does what a person would do, and checks what the product promises about it. */
import { WRITE_VERBS } from '../../src/telemetry/metric-names.ts';
import { eventually } from '../../test/support/eventually.ts';
import { accountRows, findSecret, SECRET_NAME, secretRows } from './look.ts';
import {
  annotate,
  expectCalls,
  expectReferences,
  isReady,
  makeTeams,
  OWN_ENTRY,
  readSecret,
  SOON_MS,
  type Stage,
  TEAMS,
} from './stage.ts';

/** A real token lives 12 hours. */
export const TOKEN_LIFE_MS = 30_000;
export const GRACE_PERIOD_S = 5;

export async function tellStory(stage: Stage): Promise<void> {
  await makeTeams(stage);
  await optIn(stage);
  await deleteSecret(stage);
  await rotate(stage);
  await optOut(stage);
  await sumUp(stage);
}

async function optIn({ rig, narrator }: Stage): Promise<void> {
  const { admin, aws } = rig;
  narrator.act('Two teams opt in');
  const startedAt = Date.now();
  for (const name of TEAMS) await annotate({ rig, narrator }, name, 'true');
  await narrator.promise('each has its Secret and its ServiceAccount refers to it', async () => {
    await eventually({ what: 'both to be ready', limitMs: SOON_MS, everyMs: 5 }, async () => {
      const ready = await Promise.all(TEAMS.map(async (name) => isReady(rig, name)));
      return ready.every(Boolean);
    });
    return `after ${Date.now() - startedAt} ms`;
  });
  narrator.table(await secretRows(admin, TEAMS));
  narrator.table(
    await accountRows(
      admin,
      TEAMS.map((name) => [name, 'default'] as const),
    ),
  );
  await narrator.promise(`team-b's own entry "${OWN_ENTRY}" is kept, in its place`, async () =>
    expectReferences(rig, 'team-b', [OWN_ENTRY, SECRET_NAME]),
  );
  await narrator.promise('ECR was asked for one token, for both', async () =>
    expectCalls(aws.calls.length, 1),
  );
}

async function deleteSecret({ rig, narrator }: Stage): Promise<void> {
  const { admin, aws } = rig;
  narrator.act('Somebody deletes a Secret');
  narrator.command(`kubectl -n team-a delete secret ${SECRET_NAME}`);
  const before = await findSecret(admin, 'team-a');
  const callsBefore = aws.calls.length;
  const deletedAt = Date.now();
  await admin.delete(`/api/v1/namespaces/team-a/secrets/${SECRET_NAME}`);
  await narrator.promise('it comes back', async () => {
    await eventually({ what: 'it', limitMs: SOON_MS, everyMs: 5 }, async () => {
      const now = await findSecret(admin, 'team-a');
      return now !== undefined && now.uid !== before?.uid;
    });
    return `after ${Date.now() - deletedAt} ms`;
  });
  await narrator.promise('with the token that is held: ECR is not asked', async () =>
    expectCalls(aws.calls.length - callsBefore, 0),
  );
}

async function rotate({ rig, narrator }: Stage): Promise<void> {
  const { admin, aws } = rig;
  narrator.act('Tokens grow old');
  narrator.note(
    `here a token lives ${TOKEN_LIFE_MS / 1000} s instead of 12 hours, and is replaced when 50 to 60 % of that have passed; wait for it`,
  );
  const callsBefore = aws.calls.length;
  // All of them first: the second team's turn can come before the first one's.
  const all = await Promise.all(
    TEAMS.map(async (name) => [name, await readSecret(rig, name)] as const),
  );
  for (const [name, before] of all) {
    await narrator.promise(`${name} gets a new token in time, in the same Secret`, async () => {
      const what = 'a new token';
      await eventually({ what, limitMs: TOKEN_LIFE_MS + SOON_MS }, async () => {
        const now = await findSecret(admin, name);
        return now !== undefined && now.uid === before.uid && now.expiresAt > before.expiresAt;
      });
      const leftMs = before.expiresAt.getTime() - Date.now();
      if (leftMs <= 0) throw new Error('the old one had expired');
      return `${Math.round(leftMs / 1000)} s before the old one expires`;
    });
  }
  narrator.table(await secretRows(admin, TEAMS));
  await narrator.promise('ECR was asked once more, for both', async () =>
    expectCalls(aws.calls.length - callsBefore, 1),
  );
}

async function optOut({ rig, narrator }: Stage): Promise<void> {
  const { admin } = rig;
  narrator.act('One team opts out');
  await annotate({ rig, narrator }, 'team-b', 'false');
  const dueAt = await eventually({ what: 'the grace period', limitMs: SOON_MS }, async () => {
    return (await findSecret(admin, 'team-b'))?.removalDueAt;
  });
  narrator.note(`nothing goes at once: it has ${GRACE_PERIOD_S} s (10 minutes by default)`);
  await narrator.promise('its Secret goes after the grace period, not before', async () => {
    await eventually({ what: 'it to go', limitMs: SOON_MS + GRACE_PERIOD_S * 1000 }, async () => {
      return (await findSecret(admin, 'team-b')) === undefined;
    });
    if (Date.now() < dueAt.getTime()) throw new Error('it went before');
    return '';
  });
  await narrator.promise('its ServiceAccount has its own entry left, and only that', async () =>
    expectReferences(rig, 'team-b', [OWN_ENTRY]),
  );
  await narrator.promise('team-a keeps what it has', async () => {
    if (await isReady(rig, 'team-a')) return '';
    throw new Error('it has lost something');
  });
  narrator.table(await secretRows(admin, TEAMS));
}

async function sumUp({ rig, narrator }: Stage): Promise<void> {
  narrator.act('What it took');
  const metrics = await rig.controller.metrics();
  const rows = (['Secret', 'ServiceAccount'] as const).flatMap((kind) =>
    WRITE_VERBS[kind].map((verb) => {
      const labels = { kind, verb, result: 'success' };
      return [kind, verb, String(metrics.value('ecr_pull_secret_writes_total', labels) ?? 0)];
    }),
  );
  narrator.table([['OBJECT', 'WRITE', 'TIMES'], ...rows]);
  narrator.note(`calls of ECR: ${rig.aws.calls.length}`);
  await narrator.promise(
    'no token in any log line, Event or metric, and no request that was refused',
    async () => {
      const misdeeds = await rig.misdeeds();
      if (misdeeds.length === 0) return '';
      throw new Error(`${misdeeds.length} of them`);
    },
  );
}
