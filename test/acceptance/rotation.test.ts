import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../support/suite/close-after-all.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import { eventually } from '../support/suite/eventually.ts';
import { type LifeFigures, LifeSampler } from '../support/cluster/life-sampler.ts';
import { referencesOf, SECRET_NAME } from '../support/cluster/opted-in.ts';
import { PullSecretWatch } from '../support/cluster/pull-secret-watch.ts';
import { Rig } from '../support/cluster/rig.ts';
import { isShort, printFigures, seconds } from './length.ts';

const TOKEN_LIFE_MS = 60_000;
/** Two fifths of a token's life and half of it: every Secret becomes due between these. */
const SHORTEST_ROTATION_MS = 24_000;
const LONGEST_ROTATION_MS = 30_000;
const RUN_MS = isShort ? 90_000 : 300_000;
const JOIN_EVERY_MS = 2_000;
const CHECK_BOOKS_EVERY_MS = 5_000;

let rig: Rig;
let watch: PullSecretWatch;
let figures: LifeFigures;
let ecrCalls: number;
let runMs: number;
let exitCode: number | null;
const joinedAt = new Map<string, Date>();
const readyAfterMs = new Map<string, number>();

beforeAll(async () => {
  rig = await Rig.open({ controlPlane: 'own' });
  rig.aws.tokenLifeMs = TOKEN_LIFE_MS;
  watch = await PullSecretWatch.start(rig.admin, rig.aws, SECRET_NAME);
  await rig.run();
  const sampler = new LifeSampler(watch);
  const startedAt = Date.now();

  await Promise.all([joinAllTheTime(startedAt), checkBooks(startedAt), restartInTheMiddle()]);
  ecrCalls = rig.aws.calls.length;
  runMs = Date.now() - startedAt;

  await untilEveryNamespaceIsReady();
  figures = sampler.stop();
  printFigures('rotation', {
    run: seconds(runMs),
    namespaces: joinedAt.size,
    samples: figures.samples,
    'Secrets checked': figures.looks,
    'longest gap between samples': `${figures.longestGapMs} ms`,
    'shortest remaining life': seconds(figures.shortestLifeLeftMs),
    expired: figures.expired.length,
    'ECR calls': `${ecrCalls} of at most ${allowedCalls()}`,
    'slowest namespace to get its Secret': seconds(Math.max(...readyAfterMs.values())),
  });
});

closeAfterAll(() => [watch, rig]);

describe('rotation of tokens that live 60 s, with new namespaces and one restart', () => {
  it('never leaves an expired token in a Secret', () => {
    expect(figures.expired).toEqual([]);
    expect(watch.misshapen).toEqual([]);
    expect(figures.samples).toBeGreaterThan(RUN_MS / 200);
  });

  it('calls ECR two or three times per life of a token and once more after the restart, for any number of namespaces', () => {
    expect(ecrCalls).toBeLessThanOrEqual(allowedCalls());
    expect(ecrCalls).toBeGreaterThanOrEqual(Math.floor(runMs / LONGEST_ROTATION_MS));
  });

  it('makes every namespace ready', () => {
    expect(joinedAt.size).toBeGreaterThan(RUN_MS / JOIN_EVERY_MS / 2);
    expect([...readyAfterMs.keys()].sort()).toEqual([...joinedAt.keys()].sort());
  });

  it('exits with 0 when it is stopped', () => {
    expect(exitCode).toBe(0);
  });

  it('prints no token and is never refused', async () => {
    expect(await rig.violations()).toEqual([]);
  });
});

function allowedCalls(): number {
  return Math.floor(runMs / SHORTEST_ROTATION_MS) + 2;
}

async function joinAllTheTime(startedAt: number): Promise<void> {
  for (let n = 0; Date.now() - startedAt < RUN_MS; n++) {
    const name = `joins-${String(n).padStart(3, '0')}`;
    joinedAt.set(name, new Date());
    await rig.optIn(name);
    await delay(JOIN_EVERY_MS - ((Date.now() - startedAt) % JOIN_EVERY_MS));
    noteReady();
  }
}

/** When each Secret was first seen: later rotations don't count. */
function noteReady(): void {
  for (const [name, at] of joinedAt) {
    const secret = watch.of(name);
    if (secret === undefined || readyAfterMs.has(name)) continue;
    readyAfterMs.set(name, secret.seenAt.getTime() - at.getTime());
  }
}

/** The samples rely on the watch, so this compares it with what the server lists. */
async function checkBooks(startedAt: number): Promise<void> {
  while (Date.now() - startedAt < RUN_MS) {
    await delay(CHECK_BOOKS_EVERY_MS);
    await eventually({ what: 'watch and list to agree', limitMs: 2_000 }, () => watch.agrees());
  }
}

async function restartInTheMiddle(): Promise<void> {
  await delay(RUN_MS / 2);
  exitCode = await rig.controller.stop();
  await rig.run();
}

async function untilEveryNamespaceIsReady(): Promise<void> {
  await eventually({ what: 'every namespace to be ready', limitMs: 10_000 }, async () => {
    noteReady();
    const accounts = await rig.admin.list(
      '/api/v1/serviceaccounts?fieldSelector=metadata.name%3Ddefault',
    );
    const attached = accounts.filter(isAttached).map(({ metadata }) => metadata.namespace);
    return [...joinedAt.keys()].every((name) => readyAfterMs.has(name) && attached.includes(name));
  });
}

function isAttached(account: KubeObject): boolean {
  return referencesOf(account).filter((name) => name === SECRET_NAME).length === 1;
}
