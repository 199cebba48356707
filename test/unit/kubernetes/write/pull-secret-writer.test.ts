import { beforeEach, describe, expect, it } from '@jest/globals';
import { LABELS, SECRET_ANNOTATIONS, SECRET_DATA_KEY } from '../../../../src/domain/contract.ts';
import { ObsoleteError, TransientError } from '../../../../src/domain/errors.ts';
import type { CachedPullSecret } from '../../../../src/domain/state/observed.ts';
import {
  type PullSecretContent,
  entryOf,
  renderPullSecret,
} from '../../../../src/domain/state/pull-secret.ts';
import type { RegistryToken } from '../../../../src/domain/token/registry-token.ts';
import { SecretText } from '../../../../src/domain/secret-text.ts';
import { PullSecretWriter } from '../../../../src/kubernetes/write/pull-secret-writer.ts';
import type { WireRequest } from '../../../../src/kubernetes/wire/wire.ts';
import { SimulatedCluster } from '../../../../simulator/simulated-cluster.ts';
import { HOUR_MS, INSTANCE, SECRET_NAME, aToken, inMs } from '../../../support/values/builders.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { RecordedMeasurements } from '../../../support/ports/recorded-measurements.ts';
import { refusal } from '../../../support/ports/scripted-wire.ts';
import { cachedSecret, transportOver } from '../../../support/ports/simulated-transport.ts';

const SECRET = { kind: 'Secret', namespace: 'team', name: SECRET_NAME } as const;
const SIGNAL = new AbortController().signal;
const OUR_LABELS = { [LABELS.managedBy]: 'ecr-pull-secrets', [LABELS.instance]: 'default' };
const DOCKER_TYPE = 'kubernetes.io/dockerconfigjson';
const EMPTY_CONFIG = btoa('{"auths":{}}');

const DEFAULT_TOKEN = aToken();

function contentOf(token: RegistryToken = DEFAULT_TOKEN, requestedAt?: string): PullSecretContent {
  const entry = entryOf('default', ['host.example'], token);
  return renderPullSecret([entry], { configHash: 'hash', refreshRequestedAt: requestedAt });
}

function open() {
  const clock = new VirtualClock();
  const cluster = new SimulatedCluster({ clock });
  cluster.kubectl.createNamespace('team');
  const measurements = new RecordedMeasurements();
  const absorbed: CachedPullSecret[] = [];
  const forgotten: Pick<CachedPullSecret, 'uid'>[] = [];
  const accepted: (string | undefined)[] = [];
  const wire = cluster.wire();
  const send = (request: WireRequest) => {
    accepted.push(request.headers['accept']);
    return wire.send(request);
  };
  const writer = new PullSecretWriter({
    transport: transportOver({ send, close: () => wire.close() }, clock),
    measurements,
    instance: INSTANCE,
    absorb: (record) => absorbed.push(record),
    forget: (record) => forgotten.push(record),
  });
  return { clock, cluster, measurements, absorbed, forgotten, accepted, writer };
}

describe('PullSecretWriter', () => {
  let rig: ReturnType<typeof open>;
  beforeEach(() => {
    rig = open();
  });
  const stored = () => cachedSecret(rig.cluster, 'team');
  const create = (content = contentOf()) =>
    rig.writer.write('team', content, undefined, { signal: SIGNAL });
  const update = (existing = stored(), content = contentOf()) =>
    rig.writer.write('team', content, existing, { signal: SIGNAL });
  const present = () => rig.cluster.kubectl.get(SECRET);

  describe('given a successful answer of something between us and the API server', () => {
    const answers = [
      {},
      { kind: 'Secret', metadata: {} },
      {
        kind: 'Secret',
        metadata: { name: SECRET_NAME, namespace: 'other', uid: 'u', resourceVersion: '9' },
      },
      'ok',
      [],
    ];
    const nothing = { absorbed: [], forgotten: [] };

    it('does not count an apply as done if the Secret has no Apply entry of ours', async () => {
      await create();
      const { managedFields: _, ...metadata } = present()?.metadata ?? {};
      rig.absorbed.length = 0;
      rig.cluster.faults.add({ effect: { kind: 'answer', status: 200, body: { metadata } } });
      await expect(update()).rejects.toMatchObject({ code: 'API_MALFORMED_ANSWER' });
      expect(rig).toMatchObject(nothing);
    });

    it.each(answers)('does not count a write as done: %j', async (body) => {
      await create();
      const existing = stored();
      const writes = {
        create: () => create(),
        update: () => update(existing),
        annotate: () => rig.writer.annotate(existing, { removalDueAt: 'now' }, { signal: SIGNAL }),
        delete: () => rig.writer.delete(existing, { signal: SIGNAL }),
      };
      for (const [verb, write] of Object.entries(writes)) {
        rig.absorbed.length = 0;
        rig.cluster.faults.add({ effect: { kind: 'answer', status: 200, body } });
        await expect(write()).rejects.toMatchObject({ code: 'API_MALFORMED_ANSWER' });
        expect(rig).toMatchObject(nothing);
        expect(rig.measurements.all).toMatchObject({ [`Secret ${verb} failure`]: 1 });
      }
    });
  });

  it('counts writes that are not sent, or given up, as dropped', async () => {
    await create();
    const confirm = (): never => {
      throw new TransientError('the plan has changed', { code: 'PLAN_OUTDATED' });
    };
    const existing = stored();
    const attempt = { signal: SIGNAL, confirm };
    const dropped = [
      rig.writer.write('team', contentOf(), existing, attempt),
      rig.writer.delete(existing, attempt),
      rig.writer.annotate(existing, { removalDueAt: 'now' }, { signal: AbortSignal.abort() }),
    ];

    const settled = await Promise.allSettled(dropped);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(rig.measurements.all).toEqual({
      'Secret create success': 1,
      'Secret update dropped': 1,
      'Secret delete dropped': 1,
      'Secret annotate dropped': 1,
    });
  });

  describe('creating', () => {
    it('writes the whole Secret in one request and applies the answer to the cache', async () => {
      await create();

      const { dockerConfig, annotations } = contentOf();
      expect(present()).toMatchObject({
        type: DOCKER_TYPE,
        metadata: { labels: OUR_LABELS, annotations },
        data: { [SECRET_DATA_KEY]: btoa(dockerConfig.reveal()) },
      });
      expect(rig.cluster.requests).toHaveLength(1);
      expect(rig.absorbed).toEqual([stored()]);
      expect(rig.absorbed[0]).toMatchObject({
        appliedByUs: true,
        labelsWhole: true,
        dataOurs: true,
        tokensOurs: true,
        tamperedWith: [],
        foreignDataKeys: [],
      });
      expect(rig.measurements.all).toEqual({ 'Secret create success': 1 });
    });

    it.each([
      ['one of another type', { stringData: { password: 'x' } }],
      ['one without a label', { type: DOCKER_TYPE, data: { [SECRET_DATA_KEY]: EMPTY_CONFIG } }],
      [
        'another instance’s',
        {
          type: DOCKER_TYPE,
          data: { [SECRET_DATA_KEY]: EMPTY_CONFIG },
          labels: { ...OUR_LABELS, [LABELS.instance]: 'other' },
        },
      ],
      [
        'our own from a backup',
        {
          type: DOCKER_TYPE,
          data: { [SECRET_DATA_KEY]: EMPTY_CONFIG },
          labels: OUR_LABELS,
          annotations: contentOf().annotations,
        },
      ],
      [
        'one with exactly the content that we would write',
        {
          type: DOCKER_TYPE,
          data: { [SECRET_DATA_KEY]: btoa(contentOf().dockerConfig.reveal()) },
          labels: OUR_LABELS,
          annotations: contentOf().annotations,
        },
      ],
    ])('changes nothing if %s exists by then', async (_, secret) => {
      rig.cluster.kubectl.createSecret('team', SECRET_NAME, secret);
      const before = present();
      const creation = create();

      await expect(creation).rejects.toMatchObject({ name: 'TransientError', code: 'CONFLICT' });
      expect(present()).toEqual(before);
      expect(rig.absorbed).toEqual([stored()]);
      expect(rig.measurements.all).toEqual({ 'Secret create failure': 1, 'Secret conflict': 1 });
    });

    it.each([
      ['another manager', 'flux', { type: DOCKER_TYPE, data: { [SECRET_DATA_KEY]: EMPTY_CONFIG } }],
      [
        'another leader of this instance',
        INSTANCE.fieldManager,
        { type: DOCKER_TYPE, data: { [SECRET_DATA_KEY]: EMPTY_CONFIG } },
      ],
    ])('changes nothing if %s has applied one by then', async (_, manager, body) => {
      rig.cluster.kubectl.apply(SECRET, { metadata: { name: SECRET_NAME }, ...body }, { manager });
      const before = present();
      await expect(create()).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(present()).toEqual(before);
    });

    it('has nothing to do in a namespace that is terminating or gone', async () => {
      rig.cluster.kubectl.delete({ kind: 'Namespace', name: 'team' });
      await expect(create()).rejects.toThrow(ObsoleteError);
      await rig.clock.advance(100);
      await expect(create()).rejects.toThrow(ObsoleteError);
    });

    it('finds out by itself when the answer to a creation was lost', async () => {
      rig.cluster.faults.add({ effect: { kind: 'lose-answer' } });
      await expect(create()).rejects.toMatchObject({ code: 'API_UNREACHABLE' });
      const written = present();
      await expect(create()).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(present()).toEqual(written);
    });
  });

  describe('updating', () => {
    const later = aToken({
      authorization: new SecretText(btoa('AWS:next')),
      mintedAt: inMs(HOUR_MS),
      expiresAt: inMs(13 * HOUR_MS),
    });

    it('replaces the content in place', async () => {
      await create();
      const { uid } = stored();
      await update(stored(), contentOf(later));

      expect(stored()).toMatchObject({ uid, tamperedWith: [] });
      expect(present()?.metadata.annotations).toMatchObject(contentOf(later).annotations);
      expect(rig.absorbed.at(-1)).toEqual(stored());
      expect(rig.measurements.count('Secret update success')).toBe(1);
    });

    it('drops an annotation that it no longer has', async () => {
      await create(contentOf(aToken(), 'now'));
      await update();
      expect(present()?.metadata.annotations).not.toHaveProperty([
        SECRET_ANNOTATIONS.refreshRequestedAt,
      ]);
    });

    it('changes nothing that is newer than the state it was planned on', async () => {
      await create();
      const stale = stored();
      rig.cluster.kubectl.annotate(SECRET, { note: 'x' });
      const before = present();

      await expect(update(stale, contentOf(later))).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(present()).toEqual(before);
      // So the next plan knows it, even if the watch delivers nothing.
      expect(rig.absorbed.at(-1)).toEqual(stored());
      expect(rig.accepted.at(-1)).toContain('as=PartialObjectMetadata');
    });

    it('does not touch one that somebody has re-created', async () => {
      await create();
      const old = stored();
      rig.cluster.kubectl.delete(SECRET);
      rig.cluster.kubectl.createSecret('team', SECRET_NAME, { stringData: { mine: 'x' } });
      const before = present();

      await expect(update(old)).rejects.toThrow(TransientError);
      // Even if the version were right, the UID is not.
      const { resourceVersion } = stored();
      await expect(update({ ...old, resourceVersion })).rejects.toThrow(TransientError);
      expect(present()).toEqual(before);
    });

    it('creates nothing if it was deleted', async () => {
      await create();
      const old = stored();
      rig.cluster.kubectl.delete(SECRET);
      await expect(update(old)).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(present()).toBeUndefined();
      expect(rig.forgotten).toMatchObject([{ uid: old.uid }]);
    });

    it('throws the conflict even if the Secret cannot be read then', async () => {
      await create();
      const stale = stored();
      rig.cluster.kubectl.annotate(SECRET, { note: 'x' });
      rig.cluster.faults.add({
        match: ({ method }) => method === 'GET',
        effect: { kind: 'answer', status: 500, body: {} },
      });

      await expect(update(stale)).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(rig.forgotten).toEqual([]);
    });

    it('undoes what others changed, and keeps what they added', async () => {
      await create();
      rig.cluster.kubectl.patch(SECRET, {
        data: { [SECRET_DATA_KEY]: EMPTY_CONFIG },
        metadata: {
          labels: { [LABELS.instance]: 'other', team: 'a' },
          annotations: {
            [SECRET_ANNOTATIONS.expiresAt]: '2099-01-01T00:00:00Z',
            [SECRET_ANNOTATIONS.tokens]: null,
            [SECRET_ANNOTATIONS.removalDueAt]: '2026-01-01T12:10:00Z',
            note: 'theirs',
          },
        },
      });
      expect(stored().tamperedWith).not.toEqual([]);
      await update();

      const { dockerConfig, annotations } = contentOf();
      expect(present()).toMatchObject({
        data: { [SECRET_DATA_KEY]: btoa(dockerConfig.reveal()) },
        metadata: {
          labels: { ...OUR_LABELS, team: 'a' },
          annotations: {
            ...annotations,
            [SECRET_ANNOTATIONS.removalDueAt]: '2026-01-01T12:10:00Z',
            note: 'theirs',
          },
        },
      });
      expect(stored()).toMatchObject({
        tamperedWith: [],
        labelsWhole: true,
        dataOurs: true,
        tokensOurs: true,
      });
    });

    it('adopts a Secret from a backup, in place', async () => {
      rig.cluster.kubectl.createSecret('team', SECRET_NAME, {
        type: DOCKER_TYPE,
        data: { [SECRET_DATA_KEY]: EMPTY_CONFIG },
        labels: OUR_LABELS,
      });
      const { uid } = stored();
      await update();
      expect(stored()).toMatchObject({ uid, appliedByUs: true, tamperedWith: [] });
    });

    it('stalls on a Secret of another type', async () => {
      rig.cluster.kubectl.createSecret('team', SECRET_NAME, {
        stringData: { a: 'b' },
        labels: OUR_LABELS,
      });
      const before = present();
      await expect(update()).rejects.toMatchObject({
        name: 'StalledError',
        code: 'SECRET_TYPE_MISMATCH',
        eventReason: 'SecretTypeMismatch',
      });
      expect(present()).toEqual(before);
    });

    it('stalls on an immutable Secret', async () => {
      await create();
      rig.cluster.kubectl.patch(SECRET, { immutable: true });
      const before = present();
      const change = update(stored(), contentOf(later));
      await expect(change).rejects.toMatchObject({
        name: 'StalledError',
        code: 'SECRET_IMMUTABLE',
        eventReason: 'SecretImmutable',
        fix: 'delete it and it is re-created',
      });
      expect(present()).toEqual(before);
    });

    it('changes no version if it writes the same content', async () => {
      await create();
      const before = present();
      await update();
      expect(present()).toEqual(before);
    });
  });

  describe('annotating', () => {
    it('sets and clears the removal stamp, and keeps the content ours', async () => {
      await create();
      const at = '2026-01-01T12:10:00Z';
      await rig.writer.annotate(stored(), { removalDueAt: at }, { signal: SIGNAL });
      expect(stored()).toMatchObject({ removalDueAt: at, tamperedWith: [], appliedByUs: true });
      expect(rig.absorbed.at(-1)).toEqual(stored());

      await rig.writer.annotate(stored(), { removalDueAt: null }, { signal: SIGNAL });
      expect(stored()).toMatchObject({ removalDueAt: undefined, tamperedWith: [] });
    });

    it('restores labels and removes foreign keys, both without a token', async () => {
      await create();
      rig.cluster.kubectl.patch(SECRET, {
        metadata: { labels: { [LABELS.managedBy]: 'me', [LABELS.instance]: null } },
        data: { other: 'AAAA' },
      });
      await rig.writer.annotate(
        stored(),
        { restoreLabels: true, removeDataKeys: ['other'] },
        { signal: SIGNAL },
      );
      expect(stored()).toMatchObject({
        labelsWhole: true,
        foreignDataKeys: [],
        dataOurs: true,
        tamperedWith: [],
      });
      expect(Object.keys(present()?.['data'] ?? {})).toEqual([SECRET_DATA_KEY]);
    });

    it('changes nothing that is newer, or belongs to somebody else by now, and creates nothing', async () => {
      await create();
      const old = stored();
      const stamp = () => rig.writer.annotate(old, { removalDueAt: 'x' }, { signal: SIGNAL });
      rig.cluster.kubectl.annotate(SECRET, { note: 'x' });
      await expect(stamp()).rejects.toMatchObject({ code: 'CONFLICT' });

      rig.cluster.kubectl.delete(SECRET);
      await expect(stamp()).rejects.toThrow(ObsoleteError);
      expect(present()).toBeUndefined();

      rig.cluster.kubectl.createSecret('team', SECRET_NAME, { stringData: { a: 'b' } });
      const before = present();
      await expect(stamp()).rejects.toThrow(TransientError);
      expect(present()).toEqual(before);
    });
  });

  describe('deleting', () => {
    it('deletes exactly what was observed and forgets it', async () => {
      await create();
      const existing = stored();
      await rig.writer.delete(existing, { signal: SIGNAL });
      expect(present()).toBeUndefined();
      expect(rig.forgotten).toEqual([existing]);
      expect(rig.measurements.count('Secret delete success')).toBe(1);
    });

    it('leaves alone what has changed since, or was re-created', async () => {
      await create();
      const old = stored();
      rig.cluster.kubectl.annotate(SECRET, { note: 'keep me' });
      await expect(rig.writer.delete(old, { signal: SIGNAL })).rejects.toMatchObject({
        code: 'CONFLICT',
      });

      rig.cluster.kubectl.delete(SECRET);
      rig.cluster.kubectl.createSecret('team', SECRET_NAME, { stringData: { a: 'b' } });
      const { resourceVersion } = stored();
      await expect(
        rig.writer.delete({ ...old, resourceVersion }, { signal: SIGNAL }),
      ).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      expect(present()).toBeDefined();
      expect(rig.forgotten).toEqual([]);
      expect(rig.absorbed.at(-1)).toEqual(stored());
    });

    it('keeps one that a finalizer holds as terminating, and asks for its metadata only', async () => {
      await create();
      rig.cluster.kubectl.patch(SECRET, { metadata: { finalizers: ['example.io/hold'] } });
      await rig.writer.delete(stored(), { signal: SIGNAL });

      expect(rig.accepted.at(-1)).toContain('as=PartialObjectMetadata');
      expect(rig.absorbed.at(-1)).toMatchObject({ uid: stored().uid, terminating: true });
      expect(rig.forgotten).toEqual([]);
    });

    it('treats one that is already gone as done', async () => {
      await create();
      const existing = stored();
      rig.cluster.kubectl.delete(SECRET);
      await rig.writer.delete(existing, { signal: SIGNAL });
      expect(rig.forgotten).toEqual([existing]);
    });
  });

  describe('refused by the server', () => {
    const refuse = (...args: Parameters<typeof refusal>) => {
      const { status = 500, body } = refusal(...args);
      rig.cluster.faults.add({ effect: { kind: 'answer', status, body } });
    };

    it('says that the quota is used up', async () => {
      refuse(403, 'Forbidden', {
        message: 'secrets "ecr-pull-secret" is forbidden: exceeded quota: q, limited: secrets=1',
      });
      const creation = create();
      await expect(creation).rejects.toMatchObject({
        name: 'TransientError',
        code: 'QUOTA_EXCEEDED',
        eventReason: 'QuotaExceeded',
      });
    });

    it.each([
      [403, 'Forbidden', 'admission webhook "w" denied the request: no'],
      [422, 'Invalid', "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no"],
      [403, 'Forbidden', 'User "x" cannot patch resource "secrets"'],
    ])('passes on why an admission controller or RBAC refused it (%s)', async (...parts) => {
      const [status, reason, message] = parts;
      refuse(status, reason, { message, causes: [{ message }] });
      const creation = create();
      await expect(creation).rejects.toMatchObject({
        name: 'TransientError',
        code: 'WRITE_REFUSED',
        eventReason: 'WriteRefused',
        message: expect.stringContaining(message) as unknown,
      });
    });

    it('does not mistake a policy about immutable things for an immutable Secret', async () => {
      const message = 'denied request: labels of this team are immutable';
      refuse(422, 'Invalid', { message, causes: [{ message, reason: 'FieldValueInvalid' }] });
      await expect(create()).rejects.toMatchObject({ code: 'WRITE_REFUSED' });
    });

    it('does not mistake too much data for an immutable Secret', async () => {
      const message = 'Too long: may not be more than 1048576 bytes';
      const causes = [{ reason: 'FieldValueTooLong', field: 'data', message }];
      refuse(422, 'Invalid', { message, causes });
      await expect(create()).rejects.toMatchObject({ code: 'WRITE_REFUSED' });
    });

    it('passes on what may resolve by itself', async () => {
      refuse(500, 'InternalError', { message: 'failed calling webhook "w"' });
      await expect(create()).rejects.toMatchObject({ code: 'API_SERVER_ERROR' });
    });
  });
});
