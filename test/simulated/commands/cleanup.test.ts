/** The whole cleanup against whole replicas of the controller, on the simulator and one virtual clock. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { renderReport, renderReportJson } from '../../../src/cleanup/render-report.ts';
import { type CleanupReport, exitCodeOf } from '../../../src/cleanup/report.ts';
import { resumeController, runCleanup } from '../../../src/cleanup/run-cleanup.ts';
import { LABELS, LEASE_ANNOTATIONS } from '../../../src/domain/contract.ts';
import { StalledError } from '../../../src/domain/errors.ts';
import type { AccessRule } from '../../../simulator/requests/access.ts';
import { rulesOfUser } from '../../../simulator/server/rbac-manifests.ts';
import type { FaultEffect, SeenRequest } from '../../../simulator/faults.ts';
import { SECRET_NAME } from '../../support/values/builders.ts';
import { holdsCanary } from '../../support/suite/canary.ts';
import { eventually } from '../../support/suite/eventually.ts';
import { INSTALLED_AS, OUR_USER } from '../../support/cluster/install.ts';
import { readNamespacedInstallation } from '../../support/cluster/namespace-roles.ts';
import { openWorlds } from '../../support/simulated/open-worlds.ts';
import { runSecond, SECOND } from '../../support/simulated/second-instance.ts';
import type { SimulatedController } from '../../support/simulated/simulated-controller.ts';
import { OUR_RULES, type SimulatedWorld } from '../../support/simulated/simulated-world.ts';

const { namespace } = INSTALLED_AS;
const LEASE = { kind: 'Lease', namespace, name: 'ecr-pull-secrets' } as const;
const CLEANER = 'cleaner';
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const TEAMS = ['team-a', 'team-b', 'team-c'];
const OPTIONS = {
  version: 'test',
  instance: 'default',
  namespace,
  yes: true,
  orphanedReferences: false,
};

let world: SimulatedWorld;
let printed: string[];
let reports: CleanupReport[];

openWorlds((opened) => {
  world = opened;
  world.simulator.setAccess(CLEANER, OUR_RULES);
  world.kubectl.createNamespace(namespace);
  printed = [];
  reports = [];
});

afterEach(() => {
  // Every permission, except those that a test removes.
  const refused = cleanersRequests().filter(({ status }) => status === 403);
  const isPlanted = ({ method, path }: { method: string; path: string }) =>
    method === 'DELETE' || path.includes('/bare') || path.endsWith('/refused');
  expect(refused.filter((one) => !isPlanted(one))).toEqual([]);
  const contents = cleanersRequests().filter(
    ({ method, path }) => method === 'GET' && path.endsWith(`/secrets/${SECRET_NAME}`),
  );
  expect(contents).toEqual([]);
  const output = [
    ...printed,
    ...reports.flatMap((one) => [renderReport(one), renderReportJson(one)]),
  ];
  expect(holdsCanary(output.join('\n'))).toBe(false);
});

interface Asked {
  readonly yes?: boolean;
  readonly timeoutMs?: number;
  readonly stop?: AbortSignal;
  readonly user?: string;
  readonly config?: string;
  readonly orphanedReferences?: boolean;
}

function surroundings({ stop = new AbortController().signal, user = CLEANER }: Asked) {
  const { clock, simulator } = world;
  const apiServer = { address: 'simulator', openWire: () => simulator.wire(user) };
  const platform = { environment: {}, clock, random: () => 0.5, apiServer };
  return { platform, stop, who: 'test', print: (line: string) => printed.push(line) };
}

function start(asked: Asked = {}): Promise<CleanupReport> {
  const { yes = true, timeoutMs = 10 * MINUTE_MS, config, orphanedReferences = false } = asked;
  const ofConfig = config === undefined ? {} : { config };
  const options = { ...OPTIONS, yes, timeoutMs, orphanedReferences, ...ofConfig };
  return runCleanup(options, surroundings(asked));
}

/** Lets it run for this long, which must be enough. */
async function clean(asked: Asked = {}, forMs = 15 * SECOND_MS): Promise<CleanupReport> {
  const ended = start(asked);
  // Reading a file takes real time, not virtual time.
  if (asked.config !== undefined) {
    await eventually({ what: 'the start', limitMs: 10_000 }, () => printed.length > 0);
  }
  await world.clock.advance(forMs);
  const report = await ended;
  reports.push(report);
  return report;
}

/** With this configuration file. */
async function cleanWith(text: string, asked: Asked): Promise<CleanupReport> {
  const dir = mkdtempSync(join(tmpdir(), 'cleanup-'));
  const config = join(dir, 'config.yaml');
  writeFileSync(config, text);
  const report = await clean({ ...asked, config });
  rmSync(dir, { recursive: true });
  return report;
}

/** Makes the change some time after the start; after that, the cleanup has a minute. */
async function cleanWhile(
  afterMs: number,
  change: () => unknown,
  asked: Asked = {},
): Promise<CleanupReport> {
  const ended = start(asked);
  await world.clock.advance(afterMs);
  await change();
  await world.clock.advance(MINUTE_MS);
  const report = await ended;
  reports.push(report);
  return report;
}

async function resume(): Promise<void> {
  const ended = resumeController({ ...OPTIONS, timeoutMs: MINUTE_MS }, surroundings({}));
  await world.clock.advance(3 * SECOND_MS);
  await ended;
}

function replica(reporter: string): Promise<SimulatedController> {
  return world.run({ elected: true, reporter });
}

/** Opted in by a leader, with Secret and reference. */
async function haveTeams(names: readonly string[] = TEAMS): Promise<void> {
  world.optIn(...names);
  await world.clock.advance(2 * SECOND_MS);
  expect(world.unready(names)).toEqual([]);
}

/** By the replica `first`, which keeps the lead. */
async function haveLedTeams(names: readonly string[] = TEAMS): Promise<SimulatedController> {
  const run = await replica('first');
  await haveTeams(names);
  return run;
}

/** A ServiceAccount that refers to our Secret. */
function haveEntry(team: string, name = 'app'): void {
  const imagePullSecrets = [{ name: SECRET_NAME }];
  world.kubectl.createServiceAccount(team, name, { imagePullSecrets });
}

function cleanersRequests() {
  return world.simulator.requests.filter(({ user }) => user === CLEANER);
}

function remains(names: readonly string[] = TEAMS): readonly string[] {
  return names.flatMap((name) => [
    ...(world.secret(name) === undefined ? [] : [`${name}: Secret`]),
    ...(world.references(name).includes(SECRET_NAME) ? [`${name}: entry`] : []),
  ]);
}

const mark = () => world.kubectl.get(LEASE)?.metadata.annotations?.[LEASE_ANNOTATIONS.paused];
const isWrite = ({ method, path }: { method: string; path: string }) =>
  ['PATCH', 'DELETE'].includes(method) && !path.includes('/leases/');

/** A Secret with our name, restored from a backup: complete except for our Apply entry. */
function restore(team: string, type = 'kubernetes.io/dockerconfigjson'): void {
  const labels = { [LABELS.managedBy]: 'ecr-pull-secrets', [LABELS.instance]: 'default' };
  const stringData = { '.dockerconfigjson': '{"auths":{}}' };
  world.kubectl.createSecret(team, SECRET_NAME, { type, labels, stringData });
}

describe('cleanup', () => {
  it('removes everything of ours, keeps the references of others in order, and exits with 0', async () => {
    await replica('first');
    await replica('second');
    await haveTeams();
    world.kubectl.createServiceAccount('team-a', 'app', {
      imagePullSecrets: [{ name: 'a' }, { name: SECRET_NAME }, { name: 'b' }],
    });
    await world.clock.advance(SECOND_MS);
    const writes = world.watchWrites();
    const report = await clean();

    expect(remains()).toEqual([]);
    expect(world.references('team-a', 'app')).toEqual(['a', 'b']);
    expect(report).toMatchObject({
      ending: { kind: 'done' },
      deletedSecrets: 3,
      detachedServiceAccounts: 4,
      namespaces: 3,
      left: [],
      orphanedReferences: [],
    });
    expect(exitCodeOf(report)).toBe(0);
    expect(printed).not.toContainEqual(expect.stringContaining('nobody has ever held'));
    // The leader's only write releases the Lease.
    expect(writes().filter((write) => !write.includes('/leases/'))).toEqual([]);
    expect(world.kubectl.get(LEASE)?.['spec']).toMatchObject({ holderIdentity: '' });
  });

  it('leaves the Secrets and references of another instance, which keeps working', async () => {
    const { secretName: other, user } = SECOND;
    await replica('first');
    const second = await runSecond(world, true);
    world.optIn(...TEAMS);
    world.kubectl.createServiceAccount('team-a', 'app', {
      imagePullSecrets: [{ name: 'a' }, { name: SECRET_NAME }, { name: other }, { name: 'b' }],
    });
    await world.clock.advance(2 * SECOND_MS);
    expect(world.unready(TEAMS)).toEqual([]);
    const others = () => TEAMS.map((team) => world.secret(team, other));
    const before = others();
    expect(before).not.toContain(undefined);
    const requests = world.simulator.requests.length;
    const ended = start({ orphanedReferences: true });
    const gaps = await world.advance(15 * SECOND_MS, {
      everyMs: 100,
      find: () =>
        TEAMS.filter(
          (team) => !world.isLive(team, other) || !world.references(team).includes(other),
        ),
    });
    const report = await ended;
    reports.push(report);

    expect(gaps).toEqual([]);
    expect(remains()).toEqual([]);
    expect(world.references('team-a', 'app')).toEqual(['a', other, 'b']);
    expect(TEAMS.map((team) => world.references(team))).toEqual(TEAMS.map(() => [other]));
    expect(others()).toEqual(before);
    expect(report).toMatchObject({ deletedSecrets: 3, detachedServiceAccounts: 4, left: [] });
    // The other instance is not involved and has nothing to do.
    const ofOther = world.simulator.requests.slice(requests).filter((one) => one.user === user);
    expect(ofOther.filter(isWrite)).toEqual([]);
    expect(second.isLeading).toBe(true);
    world.optIn('newcomer');
    await world.clock.advance(2 * SECOND_MS);
    expect([world.references('newcomer'), world.isLive('newcomer', other)]).toEqual([
      [other],
      true,
    ]);
  });

  it('leaves the Lease paused, and removing the pause annotation brings everything back', async () => {
    const run = await haveLedTeams();
    const { resume: line } = await clean();
    expect(mark()).toMatch(/^by cleanup on test at 2026-/);
    expect(line).toBe(
      'kubectl -n ecr-pull-secrets annotate lease ecr-pull-secrets ecr-pull-secrets.io/paused-',
    );
    await world.clock.advance(2 * MINUTE_MS);
    expect(remains()).toEqual([]);
    expect(run.faults).toEqual([]);

    await resume();
    expect(mark()).toBeUndefined();
    expect(world.unready(TEAMS)).toEqual([]);
  });

  it('ignores the brake, reports its progress, and stays within its budget', async () => {
    const teams = Array.from({ length: 400 }, (_, index) => `team-${index}`);
    await replica('first');
    world.optIn(...teams);
    await world.clock.advance(15 * SECOND_MS);
    const startedAt = world.clock.monotonicMs();
    const ended = start();
    for (let seconds = 0; remains(teams).length > 0 && seconds < 60; seconds += 1) {
      await world.clock.advance(SECOND_MS);
    }
    const elapsedMs = world.clock.monotonicMs() - startedAt;
    await world.clock.advance(5 * SECOND_MS);
    reports.push(await ended);

    expect(reports[0]).toMatchObject({ deletedSecrets: 400, detachedServiceAccounts: 400 });
    // Four requests each, 400 at once and then 200 per second.
    expect(elapsedMs).toBeGreaterThan(5 * SECOND_MS);
    expect(elapsedMs).toBeLessThan(15 * SECOND_MS);
    const progress = printed.filter((line) => line.includes('to go'));
    expect(progress.filter((line) => line.startsWith('100 Secrets deleted'))).toHaveLength(1);
    expect(progress.length).toBeGreaterThanOrEqual(3);
  });

  it('still pauses if there is nothing to remove', async () => {
    world.kubectl.create(LEASE, { metadata: { labels: { any: 'other' } } });
    const report = await clean();
    expect(report).toMatchObject({ ending: { kind: 'done' }, deletedSecrets: 0, left: [] });
    expect([exitCodeOf(report), mark() !== undefined]).toEqual([0, true]);
  });
});

describe('cleanup without a Lease', () => {
  const mayDelete = { verbs: ['delete'], resourceNames: [LEASE.name] };
  function asAdministrator(): string {
    const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], ...mayDelete };
    const user = 'administrator';
    world.simulator.setAccess(user, [...OUR_RULES, { ...leases, namespace }]);
    return user;
  }

  it('deletes the Lease that it created when everything is done', async () => {
    const report = await clean({ user: asAdministrator() });

    expect([report.lease, report.resume, exitCodeOf(report)]).toEqual(['deleted', undefined, 0]);
    expect(world.kubectl.get(LEASE)).toBeUndefined();
  });

  it('keeps the Lease while something of ours is left, prints how to delete it, and deletes it on the next run', async () => {
    const user = asAdministrator();
    world.optIn('restored');
    restore('restored');
    const report = await clean({ user });
    expect([report.lease, exitCodeOf(report), mark() !== undefined]).toEqual(['created', 1, true]);
    expect(report.resume).toBe('kubectl -n ecr-pull-secrets delete lease ecr-pull-secrets');

    world.kubectl.delete({ kind: 'Namespace', name: 'restored' });
    expect((await clean({ user })).lease).toBe('deleted');
    expect(world.kubectl.get(LEASE)).toBeUndefined();
  });

  it('prints how to delete the Lease if it may not, and still does its work', async () => {
    const report = await clean();
    expect([report.lease, exitCodeOf(report)]).toEqual(['created', 0]);
    expect(printed).toContainEqual(
      expect.stringMatching(
        /^the Lease was not deleted: deleting Lease .*; delete it manually: kubectl -n ecr-pull-secrets delete lease ecr-pull-secrets$/,
      ),
    );
    expect(printed.join()).not.toContain('grant the Role');
    expect(renderReport(report)).toContain('delete lease ecr-pull-secrets');
  });

  it('keeps a Lease that somebody else has changed in the meantime', async () => {
    const label = () => world.kubectl.patch(LEASE, { metadata: { labels: { any: 'other' } } });
    const report = await cleanWhile(SECOND_MS, label, { user: asAdministrator() });
    expect([report.lease, exitCodeOf(report), mark() !== undefined]).toEqual(['kept', 0, true]);
  });

  it('keeps a Lease that it had to create again during its work, so that other replicas stay paused', async () => {
    await haveLedTeams();
    const vanish = async () => {
      await world.runs[0]?.kill();
      world.kubectl.delete(LEASE);
    };
    const report = await cleanWhile(SECOND_MS, vanish, { user: asAdministrator() });
    expect([report.lease, mark() !== undefined]).toEqual(['kept', true]);
  });
});

describe('cleanup without --yes', () => {
  it('changes nothing, prints what it would do, and exits with 2', async () => {
    const run = await haveLedTeams();
    const writes = () => cleanersRequests().filter(({ method }) => method !== 'GET');
    const report = await clean({ yes: false });

    expect(writes()).toEqual([]);
    expect(run.isLeading).toBe(true);
    expect(report.ending).toEqual({ kind: 'dryRun', attachedServiceAccounts: 3 });
    expect(exitCodeOf(report)).toBe(2);
    expect(renderReport(report)).toContain(
      'would delete 3 Secrets and remove the reference from 3 ServiceAccounts in 3 namespaces\n' +
        `  team-a/${SECRET_NAME}\n`,
    );
    expect(renderReport(report)).toContain(`\n  ${report.podsCommand}\n`);
    expect(report.podsCommand).toMatch(/^kubectl get pods -A .* \| grep -F ' ecr-pull-secret '$/);
  });
});

describe('cleanup while others write', () => {
  it('waits for a leader in the middle of its work, and finds its last writes', async () => {
    await haveLedTeams(['team-a']);
    world.simulator.faults.add({
      effect: { kind: 'delay', delayMs: SECOND_MS },
      match: (request) => request.user !== CLEANER && isWrite(request),
      times: Infinity,
    });
    const late = Array.from({ length: 20 }, (_, index) => `late-${index}`);
    world.optIn(...late);
    await world.clock.advance(SECOND_MS / 2);
    const report = await clean();

    expect(remains(['team-a', ...late])).toEqual([]);
    expect(exitCodeOf(report)).toBe(0);
  });

  it('waits until the term of a killed leader ends', async () => {
    const run = await haveLedTeams();
    await run.kill();
    await cleanWhile(10 * SECOND_MS, () => {
      expect(remains()).toHaveLength(6);
      expect(printed).toContain('waiting for first to release the Lease');
    });

    expect(remains()).toEqual([]);
  });

  it('is not undone by a replica that starts in the meantime', async () => {
    await haveLedTeams();
    const ended = start();
    await world.clock.advance(3 * SECOND_MS);
    const writes = world.watchWrites();
    const late = await replica('late');
    await world.clock.advance(MINUTE_MS);
    reports.push(await ended);

    expect([remains(), writes(), late.isLeading]).toEqual([[], [], false]);
  });

  it('only reports it if a leader ignores the pause annotation', async () => {
    await haveLedTeams();
    await world.runs[0]?.kill();
    const ended = start();
    for (let second = 0; second < 70; second += 1) {
      const renewTime = `${world.clock.now().toISOString().slice(0, -1)}000Z`;
      world.kubectl.patch(LEASE, { spec: { holderIdentity: 'old-version', renewTime } });
      await world.clock.advance(SECOND_MS);
    }
    const report = await ended;
    reports.push(report);

    expect(report.ending).toMatchObject({
      kind: 'failed',
      why: expect.stringMatching(
        /^old-version keeps leading despite the pause annotation; .*scale its Deployment to 0/,
      ),
    });
    expect(exitCodeOf(report)).toBe(1);
    expect(remains()).toHaveLength(6);
  });

  it('lists the Secrets that a controller without leader election re-creates, and ends', async () => {
    await world.run();
    await haveTeams();
    const report = await clean();

    expect(exitCodeOf(report)).toBe(1);
    expect(new Set(report.left.map(({ kind }) => kind))).toEqual(new Set(['recreated']));
    expect(report.left[0]?.fix).toContain('--leader-elect false');
    expect(report.deletedSecrets).toBeLessThanOrEqual(6);
    expect(printed).toContainEqual(
      expect.stringMatching(/^nobody has ever held the Lease: .*stopped$/),
    );
  });

  it('stops if somebody removes the pause annotation', async () => {
    await haveLedTeams();
    world.simulator.faults.add({
      effect: { kind: 'delay', delayMs: 20 * SECOND_MS },
      match: ({ method }) => method === 'DELETE',
      times: Infinity,
    });
    const report = await cleanWhile(10 * SECOND_MS, resume);

    expect(report.ending).toMatchObject({
      kind: 'failed',
      why: expect.stringContaining('somebody removed the pause annotation from the Lease'),
    });
    expect(world.unready(TEAMS)).toEqual([]);
  });

  it('creates the Lease again with the pause annotation if somebody deletes it', async () => {
    await haveLedTeams();
    await cleanWhile(SECOND_MS, () => world.kubectl.delete(LEASE));

    expect([remains(), mark() !== undefined]).toEqual([[], true]);
  });

  it('does no harm next to another cleanup', async () => {
    await haveLedTeams();
    const both = [start(), start()];
    await world.clock.advance(2 * MINUTE_MS);
    const ended = await Promise.all(both);
    reports.push(...ended);

    expect(ended.map(exitCodeOf)).toEqual([0, 0]);
    expect(remains()).toEqual([]);
  });
});

describe('what is not ours to delete', () => {
  it('is kept and listed: foreign Secrets, Secrets from a backup, and references without a Secret', async () => {
    world.kubectl.createNamespace('foreign');
    world.kubectl.createSecret('foreign', SECRET_NAME, { stringData: { a: 'b' } });
    world.optIn('restored');
    world.kubectl.createNamespace('copied');
    for (const name of ['restored', 'copied']) restore(name);
    const entry = { imagePullSecrets: [{ name: 'x' }, { name: SECRET_NAME }] };
    for (const name of ['foreign', 'restored', 'copied', namespace]) {
      world.kubectl.createServiceAccount(name, 'app', entry);
    }
    await world.clock.advance(SECOND_MS);
    const before = world.simulator.revision;
    const report = await clean();

    // The pause annotation is the only write.
    expect(world.simulator.revision).toBe(before + 1);
    expect(exitCodeOf(report)).toBe(1);
    expect(report.left.map(({ namespace: team, kind }) => `${team} ${kind}`)).toEqual([
      'copied unclaimed',
      'foreign foreign',
      'restored unproven',
    ]);
    expect(report.orphanedReferences).toEqual([
      expect.objectContaining({ namespace: 'copied', serviceAccount: 'app' }),
      {
        namespace,
        serviceAccount: 'app',
        secret: SECRET_NAME,
        fix:
          `kubectl -n ${namespace} patch serviceaccount app --type=json -p='[{"op":"test","path":` +
          `"/imagePullSecrets/1/name","value":"${SECRET_NAME}"},{"op":"remove","path":"/imagePullSecrets/1"}]'`,
      },
    ]);
    expect(renderReport(report)).toContain(`fix: kubectl -n restored delete secret ${SECRET_NAME}`);
  });

  it('is deleted once the controller has made it its own', async () => {
    world.optIn('team-a');
    restore('team-a');
    await clean();
    await resume();
    await replica('first');
    expect(exitCodeOf(await clean())).toBe(0);
    expect(world.secret('team-a')).toBeUndefined();
  });
});

describe('orphaned references', () => {
  /** A trial in which AWS never worked: references at once, and never a Secret. */
  async function haveFailedTrial(teams: readonly string[] = TEAMS): Promise<SimulatedController> {
    world.minter.failNext(new StalledError('no', { code: 'ACCESS_DENIED' }), 10_000);
    const run = await replica('first');
    world.optIn(...teams);
    await world.clock.advance(2 * SECOND_MS);
    expect(remains(teams)).toEqual(teams.map((team) => `${team}: entry`));
    return run;
  }
  const isPatch = ({ user, method, path }: SeenRequest) =>
    user === CLEANER && method === 'PATCH' && path.includes('/serviceaccounts/');

  it('are removed with --orphaned-references, are counted, and do not come back', async () => {
    await haveFailedTrial();
    world.kubectl.createServiceAccount('team-a', 'app', {
      imagePullSecrets: [{ name: 'a' }, { name: SECRET_NAME }, { name: 'b' }],
    });
    await world.clock.advance(SECOND_MS);
    const report = await clean({ orphanedReferences: true });

    expect(report).toMatchObject({
      ending: { kind: 'done' },
      deletedSecrets: 0,
      namespaces: 3,
      detachedOrphanedReferences: 4,
      orphanedReferences: [],
      left: [],
    });
    expect(exitCodeOf(report)).toBe(0);
    expect(world.references('team-a', 'app')).toEqual(['a', 'b']);
    await world.clock.advance(2 * MINUTE_MS);
    expect(remains()).toEqual([]);
  });

  it('with other names are kept, and so are references to a foreign Secret, which is reported', async () => {
    world.kubectl.createNamespace('foreign');
    world.kubectl.createSecret('foreign', SECRET_NAME, { stringData: { a: 'b' } });
    haveEntry('foreign');
    world.kubectl.createServiceAccount(namespace, 'app', { imagePullSecrets: [{ name: 'x' }] });
    const report = await clean({ orphanedReferences: true });

    expect(world.references('foreign', 'app')).toEqual([SECRET_NAME]);
    expect(world.references(namespace, 'app')).toEqual(['x']);
    expect([exitCodeOf(report), report.detachedOrphanedReferences]).toEqual([0, 0]);
    expect(renderReport(report)).toContain('ServiceAccounts that reference it are left unchanged');
    expect(cleanersRequests().filter(isWrite)).toEqual([]);
  });

  it('are removed although a Secret is there, if that is nobody’s, which then stays', async () => {
    world.kubectl.createNamespace('copied');
    world.optIn('restored');
    for (const name of ['copied', 'restored']) {
      restore(name);
      haveEntry(name);
    }
    const report = await clean({ orphanedReferences: true });

    expect(world.references('copied', 'app')).toEqual([]);
    expect(world.references('restored', 'app')).toEqual([SECRET_NAME]);
    expect(report.left.map(({ namespace: team, kind }) => `${team} ${kind}`)).toEqual([
      'copied unclaimed',
      'restored unproven',
    ]);
    expect(report.detachedOrphanedReferences).toBe(1);
    expect(renderReport(report)).toContain(`fix: kubectl -n copied delete secret ${SECRET_NAME}`);
  });

  it('are judged by the opt-in of the configuration', async () => {
    for (const name of ['chosen', 'other']) {
      world.kubectl.createNamespace(name);
      restore(name);
      haveEntry(name);
    }
    await cleanWith('namespaces: {selector: {names: [chosen]}}', { orphanedReferences: true });

    expect(world.references('chosen', 'app')).toEqual([SECRET_NAME]);
    expect(world.references('other', 'app')).toEqual([]);
  });

  it('are kept if somebody creates the Secret at that moment', async () => {
    world.kubectl.createNamespace('late');
    haveEntry('late');
    world.simulator.faults.add({
      effect: { kind: 'delay', delayMs: 5 * SECOND_MS },
      match: ({ user, path }) =>
        user === CLEANER && path === '/api/v1/namespaces/late/serviceaccounts',
      times: 1,
    });
    const ended = start({ orphanedReferences: true });
    const isFound = () => printed.includes('1 orphaned reference to detach');
    for (let step = 0; !isFound(); step += 1) {
      expect(step).toBeLessThan(100);
      await world.clock.advance(SECOND_MS / 2);
    }
    world.kubectl.createSecret('late', SECRET_NAME, { stringData: { a: 'b' } });
    await world.clock.advance(20 * SECOND_MS);
    const report = await ended;
    reports.push(report);

    expect(world.references('late', 'app')).toEqual([SECRET_NAME]);
    expect(printed).toContain('0 orphaned references detached, 1 namespace to go');
    expect(report).toMatchObject({ detachedOrphanedReferences: 0, orphanedReferences: [] });
  });

  it('are shown without --yes, which exits with 2 and changes nothing', async () => {
    await haveFailedTrial();
    const report = await clean({ yes: false, orphanedReferences: true });

    expect(remains()).toHaveLength(3);
    expect(exitCodeOf(report)).toBe(2);
    expect(renderReport(report)).toContain(
      `would remove 3 orphaned references in 3 namespaces (ServiceAccounts that name this instance's Secret where there is none), whoever added them\n  team-a/default (${SECRET_NAME})\n`,
    );
    expect(cleanersRequests().filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('are given up if a controller that ignores the pause annotation writes them again', async () => {
    await haveFailedTrial([]);
    await world.runs[0]?.kill();
    await world.run();
    world.optIn('team-a');
    await world.clock.advance(2 * SECOND_MS);
    const report = await clean({ orphanedReferences: true }, MINUTE_MS);

    expect(report).toMatchObject({
      ending: { kind: 'done' },
      orphanedReferences: [
        { namespace: 'team-a', message: expect.stringMatching(/^removed twice/) },
      ],
    });
    expect([exitCodeOf(report), report.detachedOrphanedReferences]).toEqual([1, 2]);
  });

  it('are still removed elsewhere if one removal is refused, and the reason is reported', async () => {
    await haveFailedTrial();
    haveEntry('team-b', 'refused');
    const status = { kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403 };
    world.simulator.faults.add({
      effect: { kind: 'answer', status: 403, body: { ...status, message: 'not now' } },
      match: (request) =>
        isPatch(request) && request.path.includes('/team-b/serviceaccounts/refused'),
      times: Infinity,
    });
    const report = await clean({ orphanedReferences: true });

    expect([remains(), world.references('team-b', 'refused')]).toEqual([[], [SECRET_NAME]]);
    expect(report).toMatchObject({
      ending: { kind: 'done' },
      detachedOrphanedReferences: 3,
      orphanedReferences: [
        {
          namespace: 'team-b',
          serviceAccount: 'refused',
          message: expect.stringContaining('not now'),
          fix: expect.stringContaining('kubectl -n team-b patch serviceaccount refused'),
        },
      ],
    });
    expect(exitCodeOf(report)).toBe(1);
    world.simulator.faults.clear();
    expect(exitCodeOf(await clean({ orphanedReferences: true }))).toBe(0);
  });

  it('are removed without harm to other references if somebody changes the ServiceAccount in the meantime', async () => {
    await haveFailedTrial(['team-a']);
    world.simulator.faults.add({ effect: { kind: 'conflict' }, match: isPatch, times: 2 });
    const report = await clean({ orphanedReferences: true });

    expect([remains(), report.detachedOrphanedReferences]).toEqual([[], 1]);
  });
});

describe('cleanup with namespaces.only', () => {
  const LISTED = ['team-a', 'team-b'];
  async function cleanListed(
    further: readonly AccessRule[] = [],
    asked: Asked = {},
  ): Promise<CleanupReport> {
    const rules = rulesOfUser(await readNamespacedInstallation(LISTED), OUR_USER);
    world.simulator.setAccess(CLEANER, [...rules, ...further]);
    await haveLedTeams();
    return cleanWith(`namespaces: {only: [${[...LISTED, 'bare'].join(', ')}]}`, asked);
  }
  const ofNamespaces = { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] };

  it('works under Roles, reads nothing else, and continues if one namespace has no Role', async () => {
    world.kubectl.createNamespace('bare');
    const report = await cleanListed([ofNamespaces]);

    expect(remains()).toEqual(['team-c: Secret', 'team-c: entry']);
    expect(report).toMatchObject({
      deletedSecrets: 2,
      left: [{ namespace: 'bare', kind: 'failed', fix: expect.stringContaining('grant the Role') }],
    });
    expect(exitCodeOf(report)).toBe(1);
    expect(cleanersRequests().filter(({ path }) => path.includes('team-c'))).toEqual([]);
    expect(report.podsCommand).toMatch(
      /^for namespace in team-a team-b bare; do kubectl get pods -n "\$namespace" .*; done \| grep -F ' ecr-pull-secret '$/,
    );
  });

  const listing = (resource: string): AccessRule => {
    return { apiGroups: [''], resources: [resource], verbs: ['list'], namespace: 'bare' };
  };

  it('removes no reference if it may not check whether the Secret exists', async () => {
    world.kubectl.createNamespace('bare');
    haveEntry('bare');
    const rules = [ofNamespaces, listing('serviceaccounts')];
    const report = await cleanListed(rules, { orphanedReferences: true });

    expect(world.references('bare', 'app')).toEqual([SECRET_NAME]);
    expect(report).toMatchObject({ detachedOrphanedReferences: 0, orphanedReferences: [] });
    expect(report.left).toMatchObject([{ namespace: 'bare', kind: 'failed' }]);
  });

  it('reports only with --orphaned-references that it may not check for references', async () => {
    world.kubectl.createNamespace('bare');
    const rules = [ofNamespaces, listing('secrets')];
    const report = await cleanListed(rules, { orphanedReferences: true });

    expect(report.left).toMatchObject([
      {
        namespace: 'bare',
        message: expect.stringMatching(/^can't check which ServiceAccounts .*: /),
      },
    ]);
    expect(exitCodeOf(report)).toBe(1);
  });

  it('exits with 0 if a namespace does not exist', async () => {
    const report = await cleanListed([ofNamespaces]);
    expect(report.left).toMatchObject([{ namespace: 'bare', kind: 'namespaceTerminating' }]);
    expect(exitCodeOf(report)).toBe(0);
  });

  it('exits with 0, and reports it, if it may not check whether a namespace exists', async () => {
    const report = await cleanListed();
    expect(report.left).toMatchObject([
      { namespace: 'bare', kind: 'unknown', message: expect.stringContaining('forbidden') },
    ]);
    expect(exitCodeOf(report)).toBe(0);
    expect(renderReport(report)).toContain(
      `fix: check it yourself: kubectl -n bare get secret ${SECRET_NAME}`,
    );
  });
});

describe('cleanup with faults', () => {
  const answer = (status: number, reason: string): FaultEffect => ({
    kind: 'answer',
    status,
    body: { kind: 'Status', status: 'Failure', reason, code: status, message: 'not now' },
  });

  it.each<[string, FaultEffect]>([
    ['a conflict', { kind: 'conflict' }],
    ['a 409', answer(409, 'Conflict')],
    ['a 429', { kind: 'answer', status: 429, retryAfterSeconds: 1 }],
    ['a 500', answer(500, 'InternalError')],
    ['a connection that breaks', { kind: 'refuse' }],
    ['an answer that is lost', { kind: 'lose-answer' }],
    ['an answer that never comes', { kind: 'hang' }],
  ])('continues after %s, at each of its requests', async (_, effect) => {
    await haveLedTeams();
    let count = 0;
    world.simulator.faults.add({
      effect,
      match: ({ user }) => user === CLEANER && (count += 1) % 2 === 1,
      times: 8,
    });
    const report = await clean({}, 4 * MINUTE_MS);

    expect(report).toMatchObject({ ending: { kind: 'done' }, left: [], orphanedReferences: [] });
    expect(remains()).toEqual([]);
  });

  it('continues in other namespaces if one refuses, names it, and does not wait for the timeout', async () => {
    await haveLedTeams();
    world.simulator.faults.add({
      effect: answer(403, 'Forbidden'),
      match: ({ method, path }) => method === 'DELETE' && path.includes('/team-b/'),
      times: Infinity,
    });
    const report = await clean();

    expect(remains()).toEqual(['team-b: Secret']);
    expect(report).toMatchObject({
      ending: { kind: 'done' },
      deletedSecrets: 2,
      left: [{ namespace: 'team-b', kind: 'failed', message: expect.stringContaining('not now') }],
    });
    expect(exitCodeOf(report)).toBe(1);
    world.simulator.faults.clear();
    expect(exitCodeOf(await clean())).toBe(0);
  });

  it('gives up at its timeout, with the last failure of each namespace', async () => {
    await haveLedTeams();
    world.simulator.faults.add({
      effect: answer(500, 'InternalError'),
      match: ({ method, path }) => method === 'DELETE' && path.includes('/team-b/'),
      times: Infinity,
    });
    const report = await clean({ timeoutMs: MINUTE_MS }, 2 * MINUTE_MS);

    expect(report).toMatchObject({
      ending: { kind: 'failed', why: expect.stringContaining('not done within 60 s') },
      left: [{ namespace: 'team-b', kind: 'failed', message: expect.stringContaining('500') }],
    });
    expect(exitCodeOf(report)).toBe(1);
  });

  it('names the missing permission', async () => {
    world.simulator.setAccess('nobody', []);
    const report = await clean({ user: 'nobody' });
    expect(report.ending).toMatchObject({
      kind: 'failed',
      why: expect.stringMatching(/forbidden/),
    });
    expect(exitCodeOf(report)).toBe(1);
  });
});

describe('cleanup that is stopped', () => {
  /** After this many requests nothing arrives any more, and the process is asked to stop. */
  async function stopAfter(requests: number, asked: Asked = {}): Promise<CleanupReport> {
    const stop = new AbortController();
    let count = 0;
    world.simulator.faults.add({
      effect: { kind: 'hang' },
      match: ({ user }) => {
        if (user !== CLEANER) return false;
        count += 1;
        if (count > requests) queueMicrotask(() => stop.abort());
        return count > requests;
      },
      times: Infinity,
    });
    const report = await clean({ ...asked, stop: stop.signal }, 15 * SECOND_MS);
    world.simulator.faults.clear();
    return report;
  }

  it('can be repeated after each of its steps, and then leaves nothing', async () => {
    const run = await replica('first');
    const teams = ['team-a', 'team-b'];
    let interrupted = 0;
    for (let requests = 0; ; requests += 1) {
      await haveTeams(teams);
      const report = await stopAfter(requests);
      // An interrupted cleanup never leaves a reference without its Secret: nobody would find it again.
      const orphans = teams.filter(
        (team) => world.secret(team) === undefined && world.references(team).length > 0,
      );
      expect(orphans).toEqual([]);
      const repeated = await clean({}, 10 * SECOND_MS);
      expect([exitCodeOf(repeated), remains(teams)]).toEqual([0, []]);
      for (const name of teams) world.kubectl.delete({ kind: 'Namespace', name });
      await resume();
      if (report.ending.kind === 'done') break;
      expect([report.ending, exitCodeOf(report)]).toEqual([{ kind: 'interrupted' }, 130]);
      interrupted += 1;
    }
    // The pause annotation, two reads of the Lease, a list, four for each Secret, a read, a list, the ServiceAccounts.
    expect(interrupted).toBeGreaterThanOrEqual(14);
    expect(run.isLeading).toBe(true);
  });

  it('can be repeated with --orphaned-references after each of its steps, and then leaves no reference', async () => {
    const place = { imagePullSecrets: [{ name: 'a' }, { name: SECRET_NAME }] };
    world.kubectl.createNamespace('tried');
    for (const name of ['one', 'two']) world.kubectl.createServiceAccount('tried', name);
    let interrupted = 0;
    for (let requests = 0; ; requests += 1) {
      for (const name of ['one', 'two']) {
        world.kubectl.patch({ kind: 'ServiceAccount', namespace: 'tried', name }, place);
      }
      const report = await stopAfter(requests, { orphanedReferences: true });
      const remaining = ['one', 'two'].filter((name) => world.references('tried', name).length > 1);
      // None before it has looked for them.
      expect([0, remaining.length]).toContain(report.orphanedReferences.length);
      const repeated = await clean({ orphanedReferences: true }, 10 * SECOND_MS);
      expect(repeated).toMatchObject({
        orphanedReferences: [],
        detachedOrphanedReferences: remaining.length,
      });
      expect([world.references('tried', 'one'), world.references('tried', 'two')]).toEqual([
        ['a'],
        ['a'],
      ]);
      await resume();
      if (report.ending.kind === 'done') break;
      expect([report.ending, exitCodeOf(report)]).toEqual([{ kind: 'interrupted' }, 130]);
      interrupted += 1;
    }
    // The pause annotation, a read of the Lease, a list, two more, two for the namespace, one for each reference, a
    // read, two lists.
    expect(interrupted).toBeGreaterThanOrEqual(12);
  });

  it('finishes the namespace that it has started, and lists the rest as pending', async () => {
    const teams = Array.from({ length: 12 }, (_, index) => `team-${index}`);
    await haveLedTeams(teams);
    world.simulator.faults.add({
      effect: { kind: 'delay', delayMs: SECOND_MS },
      match: ({ user, method }) => user === CLEANER && method === 'DELETE',
      times: Infinity,
    });
    const stop = new AbortController();
    const ended = start({ stop: stop.signal });
    for (let step = 0; printed.every((line) => line !== '12 Secrets to delete'); step += 1) {
      expect(step).toBeLessThan(100);
      await world.clock.advance(100);
    }
    await world.clock.advance(100);
    stop.abort();
    await world.clock.advance(10 * SECOND_MS);
    const report = await ended;
    reports.push(report);

    expect(report).toMatchObject({ ending: { kind: 'interrupted' }, deletedSecrets: 8 });
    expect(report.left.map(({ kind }) => kind)).toEqual(Array(4).fill('pending'));
    expect(remains(teams)).toHaveLength(8);
  });
});
