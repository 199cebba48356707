/**
 * The configuration changes while the controller runs: valid changes take effect, and a fault does no harm elsewhere.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll, itLeavesNothing } from '../support/suite/close-after-all.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import { eventually } from '../support/suite/eventually.ts';
import { SECRET_NAME, tokensIn } from '../support/cluster/opted-in.ts';
import { Rig } from '../support/cluster/rig.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const OTHER_HOST = '210987654321.dkr.ecr.eu-west-1.amazonaws.com';
const FIRST = `
profiles:
  default: {registries: [${HOST}]}
  team: {registries: [${HOST}], allowedNamespaces: {names: ["reload-team"]}}
  spoiled: {registries: [${HOST}], allowedNamespaces: {names: ["reload-*"]}}
removal: {gracePeriod: 1s}
`;
const SECOND = `
profiles:
  default: {registries: [${HOST}, ${OTHER_HOST}]}
  team: {registries: [${HOST}], allowedNamespaces: {names: ["reload-nobody"]}}
  spoiled: {registries: [docker.io], allowedNamespaces: {names: ["reload-*"]}}
  fresh: {registries: [${OTHER_HOST}], allowedNamespaces: {names: ["reload-*"]}}
removal: {gracePeriod: 1s}
kubernetes: {qps: 60}
`;
const BROKEN = `${FIRST}\nattach: {mode: everything}\n`;
/** The file is compared every 15 s. */
const TICK_LIMIT_MS = 25_000;

describe('a configuration that changes', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'shared' });
    await rig.run({ config: FIRST });
    for (const profile of ['default', 'team', 'spoiled', 'fresh']) {
      await rig.optIn(`reload-${profile}`, { profiles: profile });
    }
    for (const profile of ['default', 'team', 'spoiled']) {
      await rig.untilReady(`reload-${profile}`);
    }
    await rig.untilEvent('reload-fresh', 'UnknownProfile');
  });
  closeAfterAll(() => [rig]);

  describe('for the better', () => {
    beforeAll(async () => {
      expect((await rig.controller.metrics()).value('ecr_pull_secrets_config_valid')).toBe(1);
      await rig.controller.changeConfig(SECOND);
      await rig.controller.logged('configuration changed', TICK_LIMIT_MS);
    });

    it('gives every Secret the current registries, without an ECR call', async () => {
      await rig.untilSecret('reload-default', 'both registries', (secret) => {
        const tokens = tokensIn(secret);
        return Object.keys(tokens).length === 2 && tokens[OTHER_HOST] === 1;
      });
      expect(rig.aws.calls).toHaveLength(1);
    });

    it('serves the namespaces that waited for a new profile', async () => {
      const secret = await rig.untilReady('reload-fresh');

      expect(tokensIn(secret)).toEqual({ [OTHER_HOST]: 1 });
    });

    it('stalls only the namespaces of a profile with a fault, and keeps what they have', async () => {
      const event = await rig.untilEvent('reload-spoiled', 'InvalidProfile');

      expect(event.message).toContain('its entries in the pull secret stay');
      const secret = await rig.secret('reload-spoiled');
      expect(tokensIn(secret)).toEqual({ [HOST]: 1 });
      expect(await rig.references('reload-spoiled')).toEqual([SECRET_NAME]);
      expect(await rig.controller.logged('profile disabled by a fault')).toMatchObject({
        level: 'error',
        fault: expect.stringContaining('profiles.spoiled.registries[0]'),
      });
      const metrics = await rig.controller.metrics();
      const stalled = (reason: string) =>
        metrics.value('ecr_pull_secrets_namespaces_stalled', { reason });
      expect(stalled('InvalidProfile')).toBe(1);
      expect(metrics.value('ecr_pull_secrets_config_valid')).toBe(0);
    });

    it('logs which keys need a restart', async () => {
      expect(await rig.controller.logged('configuration change needs a restart')).toMatchObject({
        keys: ['kubernetes.qps'],
      });
      const metrics = await rig.controller.metrics();
      expect(metrics.value('ecr_pull_secrets_config_restart_required')).toBe(1);
    });
  });

  it('for the worse at its top level is refused: the last good one stays in effect', async () => {
    await rig.controller.changeConfig(BROKEN);

    const message = 'configuration rejected, the last good one stays in effect';
    expect(await rig.controller.logged(message, TICK_LIMIT_MS)).toMatchObject({
      level: 'error',
      faults: [expect.stringContaining('attach.mode')],
    });
    await rig.optIn('reload-after', { profiles: 'fresh' });
    await rig.untilReady('reload-after');
    expect((await rig.controller.metrics()).value('ecr_pull_secrets_config_valid')).toBe(0);
    expect(await rig.controller.page('/readyz')).toMatchObject({ status: 200 });
  });

  it('back to a good configuration is valid again', async () => {
    await rig.controller.changeConfig(FIRST);

    await eventually({ what: 'a valid configuration', limitMs: TICK_LIMIT_MS }, async () => {
      const metrics = await rig.controller.metrics();
      return metrics.value('ecr_pull_secrets_config_valid') === 1;
    });
    // The profile `fresh` is missing now: its entries stay.
    await rig.untilEvent('reload-after', 'UnknownProfile');
    expect(await rig.references('reload-after')).toEqual([SECRET_NAME]);
    const hasOne = (secret: KubeObject) => Object.keys(tokensIn(secret)).join() === HOST;
    await rig.untilSecret('reload-default', 'the one registry', hasOne);
    await rig.untilReady('reload-team');
    expect(rig.aws.calls).toHaveLength(1);
  });

  itLeavesNothing(() => rig);
});
