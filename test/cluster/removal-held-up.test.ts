/** Removals that a tenant puts off, or that a policy refuses: neither keeps anything longer, nor holds up the others. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll, itLeavesNothing } from '../support/suite/close-after-all.ts';
import { eventually } from '../support/suite/eventually.ts';
import { pathOf } from '../support/cluster/object-path.ts';
import { accountPath, noteOf, ourAnnotations, SECRET_NAME } from '../support/cluster/opted-in.ts';
import { Rig } from '../support/cluster/rig.ts';

const GRACE_MS = 4_000;
const MINUTE_MS = 60_000;
const CONFIG = `removal: {gracePeriod: ${GRACE_MS / 1000}s}`;
const OUT = { enabled: null };
/** One more than the brake allows. */
const SIX = [0, 1, 2, 3, 4, 5];
const FAR = new Date(Date.UTC(2040)).toISOString();
const ENGAGED = 'removal brake engaged, nothing is removed';

describe('a removal that a tenant puts off', () => {
  let rig: Rig;
  const strippers = SIX.map((n) => `strip-${n}`);
  const honest = ['strip-honest', 'strip-moved'];

  beforeAll(async () => {
    const names = [...strippers, ...honest];
    rig = await Rig.open({ controlPlane: 'own', namespaces: names });
    await rig.run({ config: CONFIG });
    for (const name of names) await rig.optIn(name);
    await rig.untilAllReady(names);
  });
  closeAfterAll(() => [rig]);

  /** Opts out and writes this stamp every second. Throws an Error if the Secret is not gone within grace and a minute. */
  async function untilGone(namespace: string, stamp: string | null): Promise<void> {
    await rig.annotate(namespace, OUT);
    const what = `the removal in ${namespace}`;
    const patience = { what, limitMs: GRACE_MS + MINUTE_MS, everyMs: 1_000 };
    await eventually(patience, async () => {
      const secret = await rig.findSecret(namespace);
      if (secret === undefined) return true;
      if (noteOf(secret, 'removal-due-at') === undefined) return false;
      const annotations = ourAnnotations({ 'removal-due-at': stamp });
      await rig.patchSecret(namespace, { metadata: { annotations } });
      return false;
    });
  }

  it('comes in time although he moves its stamp every second', async () => {
    await untilGone('strip-moved', FAR);
    expect(await rig.references('strip-moved')).toEqual([]);
  });

  it('comes in time although he removes its stamp every second; six who do so engage no brake', async () => {
    for (const pair of [strippers.slice(0, 2), strippers.slice(2, 4), strippers.slice(4)]) {
      await Promise.all(pair.map(async (name) => untilGone(name, null)));
    }

    await rig.annotate('strip-honest', OUT);
    await rig.untilRemoved('strip-honest', GRACE_MS + MINUTE_MS);
    expect(rig.controller.log.filter(({ msg }) => msg === ENGAGED)).toEqual([]);
  });

  itLeavesNothing(() => rig);
});

describe('removals that a policy refuses', () => {
  let rig: Rig;
  const refused = SIX.map((n) => `refused-${n}`);
  const honest = ['refused-honest', 'refused-successor'];

  beforeAll(async () => {
    const names = [...refused, ...honest];
    rig = await Rig.open({ controlPlane: 'own', namespaces: names });
    await rig.run({ config: CONFIG });
    for (const name of names) await rig.optIn(name);
    await rig.untilAllReady(names);
    await refuseIn(refused);
  });
  closeAfterAll(() => [rig]);

  /** As a policy engine: no ServiceAccount of these namespaces may be changed. */
  async function refuseIn(namespaces: readonly string[]): Promise<void> {
    const apiVersion = 'admissionregistration.k8s.io/v1';
    const labels = { frozen: 'yes' };
    for (const name of namespaces) {
      await rig.admin.mergePatch(`/api/v1/namespaces/${name}`, { metadata: { labels } });
    }
    const metadata = { name: 'frozen-accounts' };
    const accounts = {
      apiGroups: [''],
      apiVersions: ['v1'],
      operations: ['UPDATE'],
      resources: ['serviceaccounts'],
    };
    const policy = {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [accounts],
          namespaceSelector: { matchLabels: labels },
        },
        validations: [{ expression: 'false', message: 'ServiceAccounts are frozen here' }],
      },
    };
    const binding = {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: metadata.name, validationActions: ['Deny'] },
    };
    for (const object of [policy, binding]) await rig.admin.apply(pathOf(object), object, 'test');
    const [first = ''] = namespaces;
    await eventually({ what: 'the policy', limitMs: 30_000 }, async () => {
      const path = `${accountPath(first)}?dryRun=All`;
      const patch = { metadata: { labels: { probe: 'yes' } } };
      return (await rig.admin.mergePatch(path, patch).catch(() => undefined)) === undefined;
    });
  }

  async function brake(): Promise<object> {
    const metrics = await rig.controller.metrics();
    const [pending, engaged, refusals] = [
      metrics.value('ecr_pull_secrets_removals_pending'),
      metrics.value('ecr_pull_secrets_removal_brake_engaged'),
      metrics.value('ecr_pull_secrets_namespaces_stalled', { reason: 'WriteRefused' }),
    ];
    return { pending, engaged, refusals };
  }

  /** At most one of them is being tried again. */
  async function untilStalled(): Promise<void> {
    await eventually({ what: 'the refusals', limitMs: MINUTE_MS }, async () => {
      const seen = JSON.stringify(await brake());
      return seen === JSON.stringify({ pending: 0, engaged: 0, refusals: refused.length });
    });
  }

  async function expectAllThere(): Promise<void> {
    for (const name of refused) {
      expect(await rig.findSecret(name)).toBeDefined();
      expect(await rig.references(name)).toEqual([SECRET_NAME]);
    }
  }

  it('engage the brake until the server has been asked for each by dry run', async () => {
    const since = new Date();
    await Promise.all(refused.map(async (name) => rig.annotate(name, OUT)));
    await rig.controller.logged(ENGAGED);
    await rig.controller.logged('removal brake released', MINUTE_MS);

    await untilStalled();
    await expectAllThere();
    for (const name of refused) {
      const event = await rig.untilEvent(name, 'WriteRefused');
      expect(event.message).toContain('ServiceAccounts are frozen here');
    }
    const asked = (await rig.requests(since)).filter(({ uri }) => uri.includes('dryRun=All'));
    expect(new Set(asked.map(({ namespace }) => namespace))).toEqual(new Set(refused));
  });

  it('hold up no other removal', async () => {
    await rig.annotate('refused-honest', OUT);
    await rig.untilRemoved('refused-honest', GRACE_MS + 3 * MINUTE_MS);
  });

  it('hold up no other removal after a change of leader either, nor are they forgotten', async () => {
    await rig.controller.kill();
    await rig.run({ config: CONFIG });
    await rig.annotate('refused-successor', OUT);
    await rig.untilRemoved('refused-successor', GRACE_MS + 3 * MINUTE_MS);

    await untilStalled();
    await expectAllThere();
  });

  itLeavesNothing(() => rig);
});
