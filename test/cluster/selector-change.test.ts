/** An administrator changes the selector while AWS is down: by mistake nothing is lost, on purpose nothing is wasted. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll, itLeavesNothing } from '../support/suite/close-after-all.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import { noteOf, SECRET_NAME, tokensIn } from '../support/cluster/opted-in.ts';
import { Rig } from '../support/cluster/rig.ts';

const MINUTE_MS = 60_000;
/** The file is compared every 15 s. */
const TICK_LIMIT_MS = 25_000;

/** Who opts in by the selector gets a token, which is due after 2 % of its life. */
function configOf(pull: string, gracePeriod: string): string {
  return `
namespaces: {selector: {matchLabels: {pull: "${pull}"}}}
refresh: {atLifetimeFraction: 0.02, jitterFraction: 0}
removal: {gracePeriod: ${gracePeriod}}
`;
}

/** Starts with tokens that live this long, and ends with AWS down. */
async function open(names: readonly string[], config: string, tokenLifeMs: number): Promise<Rig> {
  const rig = await Rig.open({ controlPlane: 'own', namespaces: names });
  rig.aws.tokenLifeMs = tokenLifeMs;
  await rig.run({ config });
  for (const name of names) await rig.namespace(name, { labels: { pull: 'yes' } });
  await rig.untilAllReady(names);
  rig.aws.ecrMode = { kind: 'server-error' };
  return rig;
}

describe('a selector that is changed while AWS is down', () => {
  let rig: Rig;
  const names = ['leaves-0', 'leaves-1'];

  beforeAll(async () => {
    rig = await open(names, configOf('yes', '10s'), 10 * MINUTE_MS);
  });
  closeAfterAll(() => [rig]);

  it('renews no token that lives longer than its Secret, although it is due', async () => {
    await rig.changeConfig(configOf('no', '10s'));
    for (const name of names) await rig.untilSecret(name, 'the stamp', isStamped, TICK_LIMIT_MS);
    rig.aws.ecrMode = { kind: 'ok' };
    await Promise.all(names.map(async (name) => rig.untilRemoved(name, MINUTE_MS)));

    expect(rig.aws.tokensMinted).toBe(1);
    for (const name of names) expect(await rig.references(name)).toEqual([]);
  });

  itLeavesNothing(() => rig);
});

describe('a selector that is changed by mistake while AWS is down', () => {
  let rig: Rig;
  const names = ['stays-0', 'stays-1'];
  let before: readonly KubeObject[];

  beforeAll(async () => {
    rig = await open(names, configOf('yes', '10m'), MINUTE_MS);
    before = await Promise.all(names.map(async (name) => rig.secret(name)));
  });
  closeAfterAll(() => [rig]);

  it('loses nothing: what would end before its removal is renewed when AWS is back', async () => {
    await rig.changeConfig(configOf('no', '10m'));
    for (const name of names) await rig.untilSecret(name, 'the stamp', isStamped, TICK_LIMIT_MS);
    rig.aws.ecrMode = { kind: 'ok' };
    for (const [index, name] of names.entries()) {
      const old = before[index];
      const isNewer = (secret: KubeObject) => newestIn(secret) > newestIn(old);
      await rig.untilSecret(name, 'a new token', isNewer, MINUTE_MS);
    }
  });

  it('is undone by changing it back: each Secret is the one that it was, without a stamp', async () => {
    await rig.changeConfig(configOf('yes', '10m'));
    for (const [index, name] of names.entries()) {
      const secret = await rig.untilSecret(
        name,
        'no stamp',
        (each) => !isStamped(each),
        TICK_LIMIT_MS,
      );
      expect(secret.metadata.uid).toBe(before[index]?.metadata.uid);
      expect(await rig.references(name)).toEqual([SECRET_NAME]);
    }
  });

  itLeavesNothing(() => rig);
});

function isStamped(secret: KubeObject): boolean {
  return noteOf(secret, 'removal-due-at') !== undefined;
}

/** The number of its newest token. */
function newestIn(secret: KubeObject | undefined): number {
  return secret === undefined ? 0 : Math.max(...Object.values(tokensIn(secret)));
}
