/**
 * A Secret with our name that is not ours to change: nobody's work is touched, and its people are informed by an Event.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll, itLeavesNothing } from '../support/suite/close-after-all.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import { eventually } from '../support/suite/eventually.ts';
import { SECRET_NAME, secretPath } from '../support/cluster/opted-in.ts';
import { describeRequest, isWrite } from '../support/cluster/our-requests.ts';
import { Rig } from '../support/cluster/rig.ts';

const DOCKER = {
  type: 'kubernetes.io/dockerconfigjson',
  data: { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') },
};
const OPAQUE = { type: 'Opaque', data: { key: 'dmFsdWU=' } };
const OUR_LABEL = { 'app.kubernetes.io/managed-by': 'ecr-pull-secrets' };
const OTHER_INSTANCE = { ...OUR_LABEL, 'app.kubernetes.io/instance': 'other' };

interface Kind {
  readonly kind: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly content: object;
  /** Created by an apply of this manager; otherwise by a POST. */
  readonly manager?: string;
  /** The reason of the Event. */
  readonly reason: 'SecretNotOwned' | 'SecretTypeMismatch';
}

const kinds: readonly Kind[] = [
  { kind: 'opaque', content: OPAQUE, reason: 'SecretNotOwned' },
  { kind: 'no-label', content: DOCKER, reason: 'SecretNotOwned' },
  { kind: 'other-instance', content: DOCKER, labels: OTHER_INSTANCE, reason: 'SecretNotOwned' },
  { kind: 'applied', content: DOCKER, manager: 'gitops', reason: 'SecretNotOwned' },
  {
    kind: 'applied-by-other',
    content: DOCKER,
    manager: 'ecr-pull-secrets-other',
    reason: 'SecretNotOwned',
  },
  // Metadata don't show the type: we try to write, and the server refuses.
  {
    kind: 'opaque-with-label',
    content: OPAQUE,
    labels: OUR_LABEL,
    reason: 'SecretTypeMismatch',
  },
];
const NOT_OWNED = kinds.filter(({ reason }) => reason === 'SecretNotOwned');

describe('a Secret with our name that is not ours', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.open({
      controlPlane: 'shared',
      namespaces: kinds.map(({ kind }) => namespaceOf(kind)),
    });
    for (const kind of kinds) {
      await rig.namespace(namespaceOf(kind.kind));
      await make(rig, kind);
    }
    await rig.run();
  });
  closeAfterAll(() => [rig]);

  it.each(kinds)('stays unchanged, and an Event reports it: $kind', async ({ kind, reason }) => {
    const namespace = namespaceOf(kind);
    const before = await rig.secret(namespace);

    await rig.annotate(namespace, { enabled: 'true' });

    const event = await rig.untilEvent(namespace, reason);
    expect(event).toMatchObject({
      type: 'Warning',
      message: expect.stringContaining('left alone'),
    });
    await rig.requeue(namespace);
    expect(identityOf(await rig.secret(namespace))).toEqual(identityOf(before));
  });

  it.each(NOT_OWNED)('is not attached to a ServiceAccount: $kind', async ({ kind }) => {
    expect(await rig.references(namespaceOf(kind))).toEqual([]);
  });

  it.each(['SecretNotOwned', 'SecretTypeMismatch'])('is counted as %s', async (reason) => {
    const metrics = await rig.controller.metrics();

    const count = kinds.filter((kind) => kind.reason === reason).length;
    expect(metrics.value('ecr_pull_secrets_namespaces_stalled', { reason })).toBe(count);
    expect(metrics.value('ecr_pull_secrets_ownership_refused_total', { reason })).toBe(count);
  });

  it('makes way when its owner deletes it', async () => {
    const namespace = namespaceOf('applied');

    await rig.deleteSecret(namespace);

    await rig.untilReady(namespace);
    const reason = { reason: 'SecretNotOwned' };
    await eventually({ what: 'one stalled namespace less', limitMs: 10_000 }, async () => {
      const metrics = await rig.controller.metrics();
      return metrics.value('ecr_pull_secrets_namespaces_stalled', reason) === NOT_OWNED.length - 1;
    });
  });

  it('stays unchanged when the namespace opts out', async () => {
    const namespace = namespaceOf('opaque-with-label');
    const before = await rig.secret(namespace);

    await rig.annotate(namespace, { enabled: null });

    await rig.requeue(namespace);
    expect(identityOf(await rig.secret(namespace))).toEqual(identityOf(before));
  });

  it('is never written to', async () => {
    const writes = (await rig.requests()).filter(isWrite).filter(isNotOwned).map(describeRequest);

    // One write after its owner had deleted it, and one to the ServiceAccount of that namespace.
    const namespace = namespaceOf('applied');
    expect([...writes].sort()).toEqual([
      `patch secrets ${namespace}/${SECRET_NAME} 201`,
      `patch serviceaccounts ${namespace}/default 200`,
    ]);
  });
});

describe('a Secret of ours that somebody made immutable', () => {
  let rig: Rig;
  const namespace = 'immutable-own';

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'shared', namespaces: [namespace] });
    await rig.optIn(namespace);
    await rig.run();
    await rig.untilReady(namespace);
    await rig.patchSecret(namespace, { immutable: true });
  });
  closeAfterAll(() => [rig]);

  it('stays unchanged, and an Event says to delete it', async () => {
    const before = await rig.secret(namespace);

    const event = await rig.untilEvent(namespace, 'SecretImmutable');

    expect(event.message).toContain('delete it and it is re-created');
    await rig.requeue(namespace);
    expect(identityOf(await rig.secret(namespace))).toEqual(identityOf(before));
    const metrics = await rig.controller.metrics();
    const reason = { reason: 'SecretImmutable' };
    expect(metrics.value('ecr_pull_secrets_namespaces_stalled', reason)).toBe(1);
    expect(metrics.value('ecr_pull_secrets_ownership_refused_total', reason)).toBe(1);
  });

  it('stays unchanged when a refresh is due, without a loop', async () => {
    const before = await rig.secret(namespace);
    await rig.controller.kill();
    // A new process, so that the last mint is too old for the request: this one must mint.
    await rig.run();
    const askedAt = new Date();
    await rig.annotate(namespace, { 'refresh-requested-at': 'now' });

    await eventually({ what: 'the refused write', limitMs: 10_000 }, async () =>
      (await rig.requests(askedAt)).some(({ code }) => code === 422),
    );

    await rig.requeue(namespace);
    expect(identityOf(await rig.secret(namespace))).toEqual(identityOf(before));
    const refused = (await rig.requests(askedAt)).filter(isWrite);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set([422]));
    expect(refused.length).toBeLessThanOrEqual(3);
  });

  it('is re-created when it is deleted', async () => {
    await rig.deleteSecret(namespace);

    const secret = await rig.untilReady(namespace);
    expect(secret['immutable']).toBeUndefined();
  });

  itLeavesNothing(() => rig);
});

function namespaceOf(kind: string): string {
  return `foreign-${kind}`;
}

async function make({ admin }: Rig, { kind, labels, content, manager }: Kind): Promise<void> {
  const metadata = { name: SECRET_NAME, ...(labels === undefined ? {} : { labels }) };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, ...content };
  const path = secretPath(namespaceOf(kind));
  if (manager !== undefined) await admin.apply(path, secret, manager);
  else await admin.create(path.slice(0, path.lastIndexOf('/')), secret);
}

function identityOf({ metadata }: KubeObject): object {
  return { uid: metadata.uid, resourceVersion: metadata.resourceVersion };
}

function isNotOwned({ namespace }: { readonly namespace: string }): boolean {
  return NOT_OWNED.some(({ kind }) => namespaceOf(kind) === namespace);
}
