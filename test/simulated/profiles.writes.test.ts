/**
 * The whole controller over the simulator: each write contains only what the namespace may have at that moment, even if
 * the server had to be read first.
 */
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  LABELS,
  MANAGED_BY,
  NAMESPACE_ANNOTATIONS,
  SECRET_ANNOTATIONS,
} from '../../src/domain/contract.ts';
import { StalledError } from '../../src/domain/errors.ts';
import { entryOf, renderPullSecret } from '../../src/domain/state/pull-secret.ts';
import { configHashOf } from '../../src/domain/plan/write-reason.ts';
import { HOUR_MS, MINUTE_MS, SECRET_NAME, aToken } from '../support/values/builders.ts';
import { identitiesIn, profileIn } from '../support/values/config-text.ts';
import {
  ALL,
  type SeveralProfiles,
  TEN,
  hostOf,
  openSeveralProfiles,
  roleOf,
} from '../support/simulated/several-profiles.ts';
import { OPTED_IN, type SimulatedWorld } from '../support/simulated/simulated-world.ts';

const TEAM = { kind: 'Namespace', name: 'team' } as const;
const SECRET = { kind: 'Secret', namespace: 'team', name: SECRET_NAME } as const;
const TEAM_PATH = '/api/v1/namespaces/team';
const denied = new StalledError('denied', { code: 'ECR_DENIED' });
/** The time until the configuration is read again. */
const ANSWER_MS = 16_000;

let rig: SeveralProfiles;
let world: SimulatedWorld;
openSeveralProfiles((opened) => {
  rig = opened;
  world = opened.world;
});

/** Every namespace with the label `friend` may use p1 and p2. */
const FRIENDS = '{selector: {matchLabels: {friend: "yes"}}}';
const FOR_FRIENDS = ALL.replaceAll('{names: ["*"]}', FRIENDS);

function befriend(isFriend: boolean): void {
  world.kubectl.patch(TEAM, { metadata: { labels: { friend: isFriend ? 'yes' : null } } });
}

/** The answer to our next GET of this path arrives late. */
function answerLate(path: string): void {
  const effect = { kind: 'late-answer', delayMs: ANSWER_MS } as const;
  const match = (request: { readonly method: string; readonly path: string }) =>
    request.method === 'GET' && request.path === path;
  world.simulator.faults.add({ effect, match });
}

/** The contents written to the Secret since the last call, as the profiles in them. */
function watchContents(): () => readonly string[] {
  const first = world.simulator.changes.length;
  return () =>
    world.simulator.changes
      .slice(first)
      .filter(({ resource, type }) => resource === 'secrets' && type !== 'DELETED')
      .map(({ object }) => atob(Object.values(object['data'] ?? {}).join()))
      .map((text) => TEN.filter((name) => text.includes(hostOf(name))).join());
}

describe('a write for which the content of the Secret is read', () => {
  let old: readonly (string | undefined)[];
  let contents: () => readonly string[];

  /** There is a new token for p1 and none for p2, whose old token is only in the Secret: the memory is new. */
  beforeEach(async () => {
    await rig.begin([], FOR_FRIENDS);
    befriend(true);
    rig.want('p1', 'p2');
    await world.clock.advance(1_000);
    old = ['p1', 'p2'].map((name) => rig.authOf(name));
    await rig.run.kill();
    await world.clock.advance(8 * HOUR_MS);
    rig.refuse(['p2'], denied);
    answerLate(`${TEAM_PATH}/secrets/${SECRET_NAME}`);
    contents = watchContents();
    await rig.start(FOR_FRIENDS);
    expect(rig.callsOf('p1')).toBe(2);
    expect(contents()).toEqual([]);
  });

  const whileRead = async (change: () => void) => {
    change();
    await world.clock.advance(ANSWER_MS);
  };

  it('is sent if nothing changes in the meantime', async () => {
    await whileRead(() => undefined);

    expect(contents()).toEqual(['p1,p2']);
    expect(rig.authOf('p1')).not.toBe(old[0]);
    expect(rig.authOf('p2')).toBe(old[1]);
  });

  it('contains no new token of a profile that the namespace may no longer use', async () => {
    await whileRead(() => befriend(false));

    expect(['p1', 'p2'].map((name) => rig.authOf(name))).toEqual(old);
  });

  it.each<[string, () => void]>([
    ['is being deleted', () => world.kubectl.delete(TEAM)],
    [
      'is re-created without an opt-in',
      () => {
        world.kubectl.delete(TEAM);
        world.clock.after(1_000, () => world.kubectl.createNamespace('team'));
      },
    ],
  ])('is not sent if the namespace %s', async (_, change) => {
    await whileRead(change);

    expect(contents()).toEqual([]);
  });

  it('contains nothing that was read from a Secret that has been deleted since', async () => {
    await whileRead(() => world.kubectl.delete(SECRET));

    expect(contents()).toEqual(['p1']);
  });

  it('is sent after another read if the Secret has changed', async () => {
    const reads = world.watchReads();
    await whileRead(() => world.kubectl.annotate(SECRET, { note: 'mine' }));

    expect(reads()).toHaveLength(1);
    expect(contents()).toEqual(['p1,p2', 'p1,p2']);
    expect(rig.authOf('p2')).toBe(old[1]);
  });

  it('is not sent if the namespace opts out, because what it has lives longer than its grace period', async () => {
    await whileRead(() => world.annotate('team', { [NAMESPACE_ANNOTATIONS.enabled]: 'false' }));

    expect(['p1', 'p2'].map((name) => rig.authOf(name))).toEqual(old);
  });

  it('contains no token of a profile that the namespace removes from its list', async () => {
    await whileRead(() => rig.want('p2'));

    expect(contents()).toEqual(['p2']);
  });

  it('records its configuration even if that is edited in the meantime', async () => {
    const before = world.secret('team')?.metadata.annotations?.[SECRET_ANNOTATIONS.configHash];
    await whileRead(() => {
      rig.run.config = FOR_FRIENDS.replace(hostOf('p1'), hostOf('p10'));
    });

    expect(world.auths('team').has(hostOf('p10'))).toBe(true);
    const { annotations } = world.secret('team')?.metadata ?? {};
    expect(annotations?.[SECRET_ANNOTATIONS.configHash]).not.toBe(before);
    expect(contents()).toHaveLength(1);
  });

  it('does not confirm a request that came in the meantime and is not satisfied', async () => {
    const requested = { [NAMESPACE_ANNOTATIONS.refreshRequestedAt]: '2' };
    await whileRead(() => world.annotate('team', requested));

    expect(contents()).toEqual(['p1,p2']);
    expect(world.secret('team')?.metadata.annotations).not.toHaveProperty([
      SECRET_ANNOTATIONS.refreshRequestedAt,
    ]);
  });
});

describe('a write that removes an entry', () => {
  const withoutP2 = (gracePeriod: string) =>
    FOR_FRIENDS.replace(/(p2: .*)\{selector: .*\}/, '$1{names: ["nobody"]}}').replace(
      'gracePeriod: 10m',
      `gracePeriod: ${gracePeriod}`,
    );
  let contents: () => readonly string[];

  /** Until just before its removal time; both tokens are due by then. */
  const withdrawn = async (config: string) => {
    await rig.begin([], FOR_FRIENDS);
    befriend(true);
    rig.want('p1', 'p2');
    await world.clock.advance(1_000);
    await rig.restart(config);
    const stamp = world.secret('team')?.metadata.annotations?.[SECRET_ANNOTATIONS.removalDueAt];
    const dueAt = Date.parse(/^p2=(.*)$/.exec(stamp ?? '')?.[1] ?? '');
    await rig.run.kill();
    await world.clock.advance(dueAt - world.clock.now().getTime() - 5_000);
    contents = watchContents();
  };

  it('is confirmed first, even if its time comes while the content is read', async () => {
    await withdrawn(withoutP2('8h'));
    answerLate(`${TEAM_PATH}/secrets/${SECRET_NAME}`);
    const requests = world.watchRequests();
    await rig.start(withoutP2('8h'));
    expect(contents()).toEqual([]);
    await world.clock.advance(ANSWER_MS);

    // The stamp is removed last.
    expect(contents()).toEqual(['p1', 'p1']);
    const paths = requests().map(({ method, path }) => `${method} ${path}`);
    const confirmedAt = paths.lastIndexOf(`GET ${TEAM_PATH}`);
    const writtenAt = paths.indexOf(`PATCH ${TEAM_PATH}/secrets/${SECRET_NAME}`);
    expect(confirmedAt).toBeGreaterThanOrEqual(0);
    expect(writtenAt).toBeGreaterThan(confirmedAt);
  });

  describe('while the namespace is read', () => {
    let old: string | undefined;
    beforeEach(async () => {
      await withdrawn(withoutP2('10m'));
      await world.clock.advance(8 * HOUR_MS);
      old = rig.authOf('p1');
      answerLate(TEAM_PATH);
      await rig.start(withoutP2('10m'));
      expect(contents()).toEqual([]);
    });

    it('contains no new token of a profile that is withdrawn in the meantime', async () => {
      befriend(false);
      await world.clock.advance(ANSWER_MS);

      expect(rig.authOf('p1')).toBe(old);
      expect(rig.callsOf('p1')).toBe(1);
    });

    it('is sent only after another pass if the Secret is changed in the meantime', async () => {
      world.kubectl.annotate(SECRET, { note: 'mine' });
      await world.clock.advance(ANSWER_MS);

      expect(contents()).toEqual(['p1,p2', 'p1', 'p1']);
      expect(await rig.run.scrape('conflicts_total', { kind: 'secret' })).toBe(0);
    });
  });
});

describe('a write that needs no read from the server', () => {
  it('is sent first, however many ServiceAccounts there are', async () => {
    world.optIn('earlier');
    await world.run();
    world.kubectl.createNamespace('team');
    for (let n = 0; n < 20; n += 1) world.kubectl.createServiceAccount('team', `app-${n}`);
    await world.clock.advance(1_000);
    const writes = world.watchWrites();
    world.annotate('team', OPTED_IN);
    await world.clock.advance(1_000);

    expect(writes()).toHaveLength(22);
    expect(writes()[0]).toContain('/secrets/');
  });
});

describe('two profiles of one identity', () => {
  const SHARED = ALL.replace(roleOf('p2'), roleOf('p1'));

  /** As another replica, which minted them, has written them. */
  function place(tokens: readonly { readonly profile: string; readonly mintedAt: Date }[]): void {
    const profiles = tokens.map(({ profile }) => profileIn(SHARED, profile));
    const entries = tokens.map(({ profile, mintedAt }) => {
      const [identity] = identitiesIn(SHARED, profile);
      const expiresAt = new Date(mintedAt.getTime() + 12 * HOUR_MS);
      const token = { ...aToken({ mintedAt, expiresAt }), ...(identity && { identity }) };
      return entryOf(profile, [hostOf(profile)], token);
    });
    const about = { configHash: configHashOf(profiles), refreshRequestedAt: undefined };
    const { dockerConfig, annotations } = renderPullSecret(entries, about);
    const labels = { [LABELS.managedBy]: MANAGED_BY, [LABELS.instance]: 'default' };
    const secret = {
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { name: SECRET_NAME, labels, annotations },
      data: { '.dockerconfigjson': btoa(dockerConfig.reveal()) },
    };
    world.kubectl.apply(SECRET, secret, { manager: MANAGED_BY });
  }

  it.each([
    ['the first', 'p1'],
    ['the last', 'p2'],
  ])('get no token older than the newest, even if that belongs to %s', async (_, newest) => {
    const annotations = { ...OPTED_IN, [NAMESPACE_ANNOTATIONS.profiles]: 'p1' };
    world.kubectl.createNamespace('earlier', annotations);
    await rig.start(SHARED);
    const now = world.clock.now().getTime();
    await world.clock.advance(MINUTE_MS);
    world.kubectl.createNamespace('team');
    place(
      ['p1', 'p2'].map((profile) => {
        const atMs = profile === newest ? now + MINUTE_MS / 2 : now - 8 * HOUR_MS;
        return { profile, mintedAt: new Date(atMs) };
      }),
    );
    world.annotate('team', { ...OPTED_IN, [NAMESPACE_ANNOTATIONS.profiles]: 'p1,p2' });
    await world.clock.advance(5_000);

    expect(world.tokenNumber('team')).toBe(2);
    expect(rig.authOf('p1')).toBe(rig.authOf('p2'));
  });
});

describe('a write that waits for its turn', () => {
  /** The server asks for a pause before it accepts the next PATCH or DELETE of our Secret. */
  function holdBack(method: 'PATCH' | 'DELETE'): void {
    const effect = { kind: 'answer', status: 429, retryAfterSeconds: 5 } as const;
    world.simulator.faults.add({
      effect,
      match: (request) => request.method === method && request.path.endsWith(SECRET_NAME),
    });
  }

  /** For a write that was not sent. */
  function isToldOutdated(): boolean {
    return rig.run.log.lines.some(
      ({ fields }) =>
        (fields['err'] as { readonly code?: unknown } | undefined)?.code === 'PLAN_OUTDATED',
    );
  }

  it('is not sent if the profile has been withdrawn in the meantime', async () => {
    await rig.begin([], FOR_FRIENDS);
    befriend(true);
    holdBack('PATCH');
    const contents = watchContents();
    rig.want('p1');
    await world.clock.advance(2_000);
    befriend(false);
    await world.clock.advance(MINUTE_MS);

    expect(contents()).toEqual([]);
    expect(isToldOutdated()).toBe(true);
  });

  it('is planned again if one of its profiles has been withdrawn in the meantime', async () => {
    await rig.begin([], FOR_FRIENDS.replace(FRIENDS, '{names: ["*"]}'));
    befriend(true);
    holdBack('PATCH');
    const contents = watchContents();
    rig.want('p0', 'p1');
    await world.clock.advance(2_000);
    befriend(false);
    await world.clock.advance(MINUTE_MS);

    expect(contents()).toEqual(['p0']);
  });

  it('is not sent to another namespace that has the same name by then', async () => {
    await rig.begin([], FOR_FRIENDS);
    befriend(true);
    holdBack('PATCH');
    rig.want('p1');
    await world.clock.advance(2_000);
    world.kubectl.delete(TEAM);
    await world.clock.advance(1_000);
    const annotations = { ...OPTED_IN, [NAMESPACE_ANNOTATIONS.profiles]: 'p1' };
    world.kubectl.createNamespace('team', annotations);
    befriend(true);
    await world.clock.advance(MINUTE_MS);

    expect(isToldOutdated()).toBe(true);
    expect(rig.held).toEqual(['p1']);
  });

  it('is sent if nothing has changed', async () => {
    await rig.begin([], FOR_FRIENDS);
    befriend(true);
    holdBack('PATCH');
    const contents = watchContents();
    rig.want('p1');
    await world.clock.advance(MINUTE_MS);

    expect(contents()).toEqual(['p1']);
  });

  it('deletes nothing if the namespace has opted in again in the meantime', async () => {
    await rig.begin(['p1']);
    await world.clock.advance(1_000);
    world.annotate('team', { [NAMESPACE_ANNOTATIONS.enabled]: 'false' });
    await world.clock.advance(9 * MINUTE_MS);
    holdBack('DELETE');
    await world.clock.advance(MINUTE_MS + 2_000);
    world.annotate('team', { [NAMESPACE_ANNOTATIONS.enabled]: 'true' });
    const first = world.simulator.changes.length;
    await world.clock.advance(MINUTE_MS);

    expect(world.simulator.changes.slice(first).map(({ type }) => type)).not.toContain('DELETED');
    expect(rig.held).toEqual(['p1']);
  });
});
