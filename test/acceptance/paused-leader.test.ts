/**
 * A leader that is stopped in the middle of writes (SIGSTOP), and wakes up when another replica leads, and the
 * namespaces have opted out and are cleaned up (operations reference, row 21).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../support/suite/close-after-all.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import {
  ApiProxy,
  type HeldRequest,
  type ProxiedRequest,
} from '../support/control-plane/api-proxy.ts';
import type { ControllerProcess } from '../support/process/controller-process.ts';
import { eventually } from '../support/suite/eventually.ts';
import { INSTALLED_AS } from '../support/cluster/install.ts';
import { accountPath, noteOf, SECRET_NAME, secretPath } from '../support/cluster/opted-in.ts';
import { describeRequest, isWrite } from '../support/cluster/our-requests.ts';
import {
  candidateOf,
  leaseOf,
  masterStatus,
  recordsOf,
  startReplica,
  untilLeading,
} from '../support/cluster/replicas.ts';
import { Rig } from '../support/cluster/rig.ts';
import { isShort, printFigures, seconds } from './length.ts';

const PAUSE_MS = isShort ? 25_000 : 60_000;
const CONFIG = 'removal: {gracePeriod: 1s}';
/** About 8 s: longer than any retry of a writer or of the queue. */
const LEASE_REQUESTS = 5;
const FOREIGN_ENTRY = 'of-somebody-else';

let rig: Rig;
let proxy: ApiProxy;
let paused: ControllerProcess;
let next: ControllerProcess;
/** Requests that hang when the leader is stopped. */
let attaching: HeldRequest;
let refreshing: HeldRequest;
let answers: readonly number[];
let leaseBefore: Awaited<ReturnType<typeof leaseOf>>;
let tokenBefore: Readonly<Record<string, number>>;
let wokenAt: Date;
let requestsBefore: number;

beforeAll(async () => {
  rig = await Rig.open({ controlPlane: 'own' });
  proxy = await ApiProxy.start(rig.controlPlane);
  const throughProxy = await rig.controlPlane.kubeconfigFor({
    ...INSTALLED_AS,
    server: proxy.server,
  });
  const startedAt = new Date();
  paused = await startReplica(rig, { config: CONFIG, kubeconfig: throughProxy });
  await untilLeading([paused], startedAt, 10_000);
  next = await startReplica(rig, { config: CONFIG });
  await rig.optInAndWait('refreshed');

  await stopInTheMiddleOfWrites();
  const stoppedAt = Date.now();
  const leadingAt = await untilLeading([next], new Date(stoppedAt), 25_000);
  await cleanUpUnderTheNextLeader();
  await delay(Math.max(0, stoppedAt + PAUSE_MS - Date.now()));

  leaseBefore = await leaseOf(rig);
  tokenBefore = await rig.tokens('refreshed');
  requestsBefore = proxy.requests.length;
  // The answers are there when it wakes up: it receives them before any of its own timers fires.
  answers = await Promise.all([attaching.release(), refreshing.release()]);
  wokenAt = new Date();
  paused.resume();
  await paused.logged('no longer leading', 10_000);
  await paused.logged('another process leads', 10_000);
  printFigures('paused leader', {
    'stopped for': seconds(wokenAt.getTime() - stoppedAt),
    'taken over after': seconds(leadingAt.getTime() - stoppedAt),
    'held writes were answered with': answers.join(' and '),
  });
}, 240_000);

closeAfterAll(() => [proxy, rig]);

describe('a leader that wakes up when another replica leads', () => {
  it('was in the middle of an attachment and a refresh, which the API server refused', () => {
    expect(answers).toEqual([409, 409]);
  });

  it('writes nothing any more, and does not retry what was refused', async () => {
    const since = () => proxy.requests.slice(requestsBefore);
    await eventually({ what: 'the standby to read the Lease', limitMs: 20_000 }, () => {
      const requests = since().filter(({ url }) => url.includes('/leases/'));
      return requests.length >= LEASE_REQUESTS;
    });

    expect(since().filter(isWriteOfOurs)).toEqual([]);
  });

  it('does not undo the cleanup', async () => {
    expect(await rig.references('attached')).toEqual([FOREIGN_ENTRY]);
    expect(await rig.findSecret('attached')).toBeUndefined();
    const requests = await rig.requests(wokenAt);
    const writes = requests.filter((one) => isWrite(one) && one.resource !== 'leases');
    expect(writes.map(describeRequest)).toEqual([]);
  });

  it('replaces no token by an older one', async () => {
    expect(await rig.tokens('refreshed')).toEqual(tokenBefore);
    expect(await rig.references('refreshed')).toEqual([SECRET_NAME]);
  });

  it('does not take the Lease back, and stands by', async () => {
    const lease = await leaseOf(rig);

    expect(lease?.holderIdentity).toBe(await candidateOf(next));
    expect(lease?.leaseTransitions).toBe(leaseBefore?.leaseTransitions);
    expect(await masterStatus(paused)).toBe(0);
    expect(await masterStatus(next)).toBe(1);
    expect(await paused.page('/livez')).toMatchObject({ status: 200 });
    expect(recordsOf(paused, 'leading')).toHaveLength(1);
    expect(recordsOf(next, 'no longer leading')).toEqual([]);
  });

  it('takes over again, with what it knows by now, when the other replica stops', async () => {
    const stoppedAt = new Date();
    await next.stop();

    const leadingAt = await untilLeading([paused], stoppedAt, 10_000);

    expect(leadingAt.getTime() - stoppedAt.getTime()).toBeLessThanOrEqual(3_000);
    await rig.optInAndWait('afterwards');
    expect(await rig.violations()).toEqual([]);
  });
});

async function stopInTheMiddleOfWrites(): Promise<void> {
  attaching = proxy.hold(isPatchOf(accountPath('attached')));
  refreshing = proxy.hold(isPatchOf(secretPath('refreshed')));
  await rig.namespace('attached');
  await eventually({ what: 'the ServiceAccount', limitMs: 10_000 }, () =>
    rig.admin.find(accountPath('attached')),
  );
  await rig.setReferences('attached', [FOREIGN_ENTRY]);
  await rig.annotate('attached', { enabled: 'true' });
  await rig.annotate('refreshed', { 'refresh-requested-at': 'first' });
  await Promise.all([attaching.arrived, refreshing.arrived]);
  paused.pause();
}

/** Attaches and refreshes what the hanging requests were for; then one namespace opts out, and is cleaned up. */
async function cleanUpUnderTheNextLeader(): Promise<void> {
  await rig.untilReady('attached');
  await rig.annotate('refreshed', { 'refresh-requested-at': 'second' });
  const isRefreshed = (secret: KubeObject) => noteOf(secret, 'refresh-requested-at') === 'second';
  await rig.untilSecret('refreshed', 'the refresh', isRefreshed, 15_000);
  await rig.annotate('attached', { enabled: 'false' });
  await rig.untilRemoved('attached', 15_000);
}

/** Its first request for the Lease is an attempt to renew it, which is refused. */
function isWriteOfOurs({ method, url }: ProxiedRequest): boolean {
  return method !== 'GET' && !url.includes('/events') && !url.includes('/leases/');
}

function isPatchOf(path: string): (request: ProxiedRequest) => boolean {
  return ({ method, url }) => method === 'PATCH' && url.split('?')[0] === path;
}
