/** What takes time: hours without ECR, and a rotation. Only the simulated ECR fails on request and counts its calls. */
import { expectCalls } from './acts.ts';
import type { LifeWatch } from './life-watch.ts';
import { readSecret, secretRows, type SecretFacts } from '../stage/observe.ts';
import type { EmbeddedEcr, Stage } from '../stage/stage.ts';
import { type StoryTime, formatHours } from '../stage/story-time.ts';

/** Less than 40 % of a token's life, when the first is due: the outage has to affect all of them. */
const PEACE_HOURS = 4;
const OUTAGE_HOURS = 3;
/** More than 50 % of a token's life, when the last is due, and less than twice the 40 % of the first. */
const ROTATION_HOURS = 7;
/** The back-off grows to a minute, half of which is random; the first tries come sooner. */
const SHORTEST_LONG_BACK_OFF_MS = 30_000;
const FIRST_TRIES = 12;

export async function outage(stage: Stage, ecr: EmbeddedEcr, lives: LifeWatch): Promise<void> {
  const { narrator, time } = stage;
  narrator.act(`${PEACE_HOURS} quiet hours, then ECR fails for ${OUTAGE_HOURS}`, time.label());
  narrator.note(
    `${PEACE_HOURS} hours pass${here(time, PEACE_HOURS)}; tokens are refreshed after 4.8 to 6 of their 12 hours`,
  );
  await pass(stage, PEACE_HOURS, lives);
  const before = await readAll(stage);
  const callsBefore = ecr.calls;
  ecr.fail();
  narrator.note(`${time.label()}  ECR responds with 500 from now on${here(time, OUTAGE_HOURS)}`);
  await pass(stage, OUTAGE_HOURS, lives);
  await narrator.promise(
    'no Secret expires in the meantime',
    () => `the oldest token has ${lives.describe()} left`,
  );
  await narrator.promise('ECR is retried: quickly at first, then about once a minute', () => {
    const calls = ecr.calls - callsBefore;
    const most = FIRST_TRIES + (OUTAGE_HOURS * time.hourMs) / SHORTEST_LONG_BACK_OFF_MS;
    if (calls === 0) throw new Error('it was not called');
    if (calls > most) throw new Error(`${calls} calls`);
    return `${calls} calls${here(time, OUTAGE_HOURS)}`;
  });
  ecr.heal();
  const healedAt = time.now().getTime();
  narrator.note(`${time.label()}  ECR works again`);
  await narrator.promise('all get new tokens soon after', async () => {
    const endMs = healedAt + stage.recoveryHours * time.hourMs;
    while (!(await areNewer(stage, before))) {
      if (time.now().getTime() > endMs) throw new Error('not all have one');
      await pass(stage, stage.recoveryHours / 20, lives);
    }
    return `within ${formatHours((time.now().getTime() - healedAt) / time.hourMs)}`;
  });
}

export async function rotation(stage: Stage, ecr: EmbeddedEcr, lives: LifeWatch): Promise<void> {
  const { narrator, time } = stage;
  narrator.act('The tokens rotate', time.label());
  const before = await readAll(stage);
  const callsBefore = ecr.calls;
  narrator.note(`${ROTATION_HOURS} hours pass${here(time, ROTATION_HOURS)}`);
  await pass(stage, ROTATION_HOURS, lives);
  await narrator.promise('each has a newer token, in the same object', async () => {
    if (!(await areNewer(stage, before))) throw new Error('not all have one');
    const now = await readAll(stage);
    if (before.some(({ uid }, index) => now[index]?.uid !== uid)) {
      throw new Error('an object was re-created');
    }
    return '';
  });
  await narrator.promise('one token was requested, and all three share it', () => {
    expectCalls(ecr.calls - callsBefore, 1);
    return '';
  });
  narrator.table(await secretRows(stage));
}

/** How long people wait for that many hours of the story, if it is noticeable. */
function here(time: StoryTime, hours: number): string {
  const seconds = time.waitS(hours);
  return seconds < 5 ? '' : ` (${Math.round(seconds)} s here)`;
}

async function pass({ time, narrator }: Stage, hours: number, lives: LifeWatch): Promise<void> {
  await time.pass(hours, async (at) => {
    narrator.progress(at);
    await lives.check();
  });
}

function readAll(stage: Stage): Promise<readonly SecretFacts[]> {
  return Promise.all(Object.values(stage.teams).map((team) => readSecret(stage, team)));
}

async function areNewer(stage: Stage, before: readonly SecretFacts[]): Promise<boolean> {
  const now = await readAll(stage);
  return before.every(({ expiresAt }, index) => {
    const newer = now[index]?.expiresAt;
    return newer !== undefined && newer > expiresAt;
  });
}
