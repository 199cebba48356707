import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ClusterView } from '../../../../src/controller/ports/cluster-view.ts';
import { Removals } from '../../../../src/controller/memory/removals.ts';
import { RemovalBrake } from '../../../../src/controller/memory/removal-brake.ts';
import {
  HOUR_MS,
  aNamespace,
  aPullSecret,
  annotationsOf,
  inMs,
  someSettings,
} from '../../../support/values/builders.ts';
import { RecordedLog } from '../../../support/ports/recorded-log.ts';

/** Six that opted out are one too many. */
const MANY = 6;
const settings = someSettings();

let optedOut: number;
let log: RecordedLog;
let brake: RemovalBrake;

beforeEach(() => {
  optedOut = MANY;
  log = new RecordedLog();
  brake = new RemovalBrake(cluster, new Removals(), log);
});

const cluster: ClusterView = {
  observe: () => undefined,
  pullSecretIn: () => undefined,
  namespaces: () => [],
  *pullSecrets() {
    for (let n = 0; n < MANY; n++) {
      const name = `team-${n}`;
      const annotations = annotationsOf({ enabled: n < optedOut ? 'false' : 'true' });
      yield {
        namespace: aNamespace({ name, annotations }),
        pullSecret: aPullSecret({ namespace: name }),
      };
    }
  },
};

function isEngaged(atMs: number): boolean {
  return brake.assess(settings, inMs(atMs)).engaged;
}

const [engaged, released] = ['removal brake engaged, nothing is removed', 'removal brake released'];

describe('an engaged brake', () => {
  beforeEach(() => {
    expect(isEngaged(0)).toBe(true);
  });

  it('keeps its answer for a second, for thousands of simultaneous checks', () => {
    optedOut = 0;
    expect(isEngaged(999)).toBe(true);
  });

  it('releases by itself when enough have opted in again, with unchanged settings', () => {
    optedOut = MANY - 1;
    expect(isEngaged(1_000)).toBe(false);
  });

  it('releases even if the clock was set back', () => {
    optedOut = 0;
    expect(isEngaged(-HOUR_MS)).toBe(false);
  });

  it('is checked at once against a raised limit', () => {
    const raised = someSettings({
      removal: { ...settings.removal, brake: { kind: 'count', count: MANY } },
    });
    expect(brake.assess(raised, inMs(1)).engaged).toBe(false);
  });
});

describe('a brake that is not engaged', () => {
  it('is checked each time: a removal never relies on an old answer', () => {
    optedOut = 0;
    expect(isEngaged(0)).toBe(false);
    optedOut = MANY;
    expect(isEngaged(1)).toBe(true);
  });

  it('reads each record only once, however often it is asked', () => {
    const resolved: string[] = [];
    const profiles = new Map(settings.profiles);
    profiles.get = (name) => {
      resolved.push(name);
      return settings.profiles.get(name);
    };
    optedOut = 0;
    const pairs = [...cluster.pullSecrets()];
    brake = new RemovalBrake({ ...cluster, pullSecrets: () => pairs }, new Removals(), log);
    const readsOf = (times: number, set: typeof settings): number => {
      resolved.length = 0;
      for (let n = 0; n < times; n += 1) brake.assess(set, inMs(n * 2_000));
      return resolved.length;
    };
    const same = { ...settings, profiles };

    expect(readsOf(1, same)).toBe(MANY);
    expect(readsOf(5, same)).toBe(0);
    pairs.splice(0, 1, ...[...cluster.pullSecrets()].slice(0, 1));
    expect(readsOf(5, same)).toBe(1);
    expect(readsOf(5, { ...same })).toBe(MANY);
  });

  it('keeps its answer for a second for steps that can be undone', () => {
    const isEngagedForUndoable = (atMs: number): boolean =>
      brake.assess(settings, inMs(atMs), true).engaged;
    optedOut = 0;
    expect(isEngaged(0)).toBe(false);
    optedOut = MANY;
    expect(isEngagedForUndoable(999)).toBe(false);
    expect(isEngagedForUndoable(1_000)).toBe(true);
  });
});

describe('the log', () => {
  it('reports an engagement once, however often and long it is checked', () => {
    for (const seconds of [0, 0.5, 1, 2, 600]) isEngaged(seconds * 1_000);

    expect(log.lines).toEqual([
      {
        level: 'error',
        message: engaged,
        fields: {
          managed: MANY,
          pending: MANY,
          limit: 5,
          fix: expect.stringContaining('removal.maxPerTenMinutes') as unknown,
        },
      },
    ]);
  });

  it('reports the release once', () => {
    isEngaged(0);
    optedOut = 0;
    for (const seconds of [2, 4, 6]) isEngaged(seconds * 1_000);

    expect(log.messages('info')).toEqual([released]);
  });

  it('reports no release if nothing was engaged', () => {
    optedOut = 0;
    for (const seconds of [0, 2]) isEngaged(seconds * 1_000);

    expect(log.lines).toEqual([]);
  });

  it('reports the next engagement again', () => {
    isEngaged(0);
    optedOut = 0;
    isEngaged(2_000);
    optedOut = MANY;
    isEngaged(4_000);

    expect(log.messages('error')).toEqual([engaged, engaged]);
  });
});
