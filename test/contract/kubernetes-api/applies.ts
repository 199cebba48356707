/** The contract of server-side apply, as we rely on it for the pull secret. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Answer } from '../servers/contract-client.ts';
import {
  causesOf,
  opaqueSecretOf,
  ownersOf,
  pullSecretOf,
  type ContractWorld,
} from '../servers/contract-world.ts';

const NAME = 'applied';
const OTHER_UID = '00000000-0000-0000-0000-00000000ffff';
const DATA = { 'f:data': { 'f:.dockerconfigjson': {} } };
const METADATA = { 'f:metadata': { 'f:annotations': { 'f:a': {} }, 'f:labels': { 'f:l': {} } } };
const OURS = ['us', 'Apply', { ...DATA, ...METADATA, 'f:type': {} }];

export function describeApplies(world: () => ContractWorld): void {
  describe('server-side apply', () => {
    let path: string;
    const apply = (secret: unknown, query?: string): Promise<Answer> =>
      world().client.apply(path, secret, query);
    const force = 'fieldManager=us&force=true';
    beforeEach(async () => {
      path = `/api/v1/namespaces/${await world().newNamespace()}/secrets/${NAME}`;
    });

    it('creates a missing object, with one Apply entry that owns exactly what was sent', async () => {
      const { status, body } = await apply(pullSecretOf(NAME, 'one'));
      expect(status).toBe(201);
      expect(ownersOf(body)).toEqual([OURS]);
      expect(body['data']).toEqual(pullSecretOf(NAME, 'one')['data']);
    });

    it('keeps the version when the same content is applied again', async () => {
      const first = await apply(pullSecretOf(NAME, 'one'));
      const again = await apply(pullSecretOf(NAME, 'one'));
      expect(again).toMatchObject({ status: 200, body: first.body });
    });

    it('updates with the right UID and version, keeping the UID', async () => {
      const { uid, resourceVersion } = (await apply(pullSecretOf(NAME, 'one'))).body.metadata;
      const update = await apply(pullSecretOf(NAME, 'two', { uid, resourceVersion }));
      expect(update.status).toBe(200);
      expect(update.body.metadata.uid).toBe(uid);
      expect(update.body.metadata.resourceVersion).not.toBe(resourceVersion);
    });

    it('removes what it applied before and leaves out now', async () => {
      await apply(pullSecretOf(NAME, 'one'));
      const { body } = await apply(pullSecretOf(NAME, 'one', { labels: {} }));
      expect(body.metadata.labels).toBeUndefined();
      expect(body.metadata.annotations).toEqual({ a: '1' });
    });

    it('refuses a stale version with 409, forced or not', async () => {
      const { resourceVersion } = (await apply(pullSecretOf(NAME, 'one'))).body.metadata;
      await apply(pullSecretOf(NAME, 'two'));
      const { status, body } = await apply(pullSecretOf(NAME, 'three', { resourceVersion }), force);
      expect({ status, reason: body['reason'] }).toEqual({ status: 409, reason: 'Conflict' });
      expect(body['message']).toContain('the object has been modified');
    });

    it('refuses another UID with 422 and a UID where nothing exists with 409', async () => {
      const nothing = await apply(pullSecretOf(NAME, 'one', { uid: OTHER_UID }));
      const afterwards = await world().client.get(path);
      await apply(pullSecretOf(NAME, 'one'));
      const other = await apply(pullSecretOf(NAME, 'two', { uid: OTHER_UID }));

      expect([nothing.status, afterwards.status, other.status]).toEqual([409, 404, 422]);
      expect(nothing.body['message']).toContain('uid mismatch');
      expect(causesOf(other.body)).toContainEqual(
        expect.objectContaining({ reason: 'FieldValueInvalid', field: 'metadata.uid' }),
      );
    });

    it('creates a missing object even if a version is given', async () => {
      const { status } = await apply(pullSecretOf(NAME, 'one', { resourceVersion: '5' }));
      expect(status).toBe(201);
    });

    it('refuses fields of other managers with a 409 that names them, and takes them with force', async () => {
      await apply(pullSecretOf(NAME, 'one'));
      const tampering = {
        data: pullSecretOf(NAME, 'evil')['data'],
        metadata: { annotations: { a: '2' }, labels: { l: null } },
      };
      const tampered = await world().client.merge(path, tampering, { userAgent: 'kubectl-edit/1' });
      const refused = await apply(pullSecretOf(NAME, 'one'));
      const forced = await apply(pullSecretOf(NAME, 'one'), force);

      expect(ownersOf(tampered.body)).toEqual([
        ['us', 'Apply', { 'f:type': {} }],
        ['kubectl-edit', 'Update', { ...DATA, 'f:metadata': { 'f:annotations': { 'f:a': {} } } }],
      ]);
      expect(refused.status).toBe(409);
      expect(causesOf(refused.body)).toEqual(
        ['.data..dockerconfigjson', '.metadata.annotations.a'].map((field) => ({
          reason: 'FieldManagerConflict',
          message: 'conflict with "kubectl-edit" using v1',
          field,
        })),
      );
      expect(forced.status).toBe(200);
      expect(ownersOf(forced.body)).toEqual([OURS]);
      expect(forced.body.metadata.labels).toEqual({ l: '1' });
      expect(forced.body['data']).toEqual(pullSecretOf(NAME, 'one')['data']);
    });

    it('names an applying manager without a version in the conflict', async () => {
      await apply(pullSecretOf(NAME, 'one'));
      const { status, body } = await apply(pullSecretOf(NAME, 'two'), 'fieldManager=them');
      expect(status).toBe(409);
      expect(body['message']).toBe(
        'Apply failed with 1 conflict: conflict with "us": .data..dockerconfigjson',
      );
    });

    it('lets two managers own the same applied value; if one leaves it out, the other keeps it', async () => {
      await apply(pullSecretOf(NAME, 'one'));
      const shared = await apply(pullSecretOf(NAME, 'one'), 'fieldManager=them');
      const left = await apply(pullSecretOf(NAME, 'one', { labels: {} }), 'fieldManager=them');

      expect(shared.status).toBe(200);
      expect(ownersOf(shared.body)).toEqual(
        expect.arrayContaining([OURS, ['them', 'Apply', OURS[2]]]),
      );
      expect(left.body.metadata.labels).toEqual({ l: '1' });
    });

    it('conflicts with its own earlier update of the same manager name', async () => {
      const secrets = path.replace(`/${NAME}`, '');
      await world().client.post(secrets, pullSecretOf(NAME, 'one'), 'us/1');
      const { status } = await apply(pullSecretOf(NAME, 'two'));
      expect(status).toBe(409);
    });

    it('gives everything to before-first-apply after managedFields were cleared', async () => {
      await apply(pullSecretOf(NAME, 'one'));
      const cleared = await world().client.merge(path, { metadata: { managedFields: [{}] } });
      const again = await apply(pullSecretOf(NAME, 'one'));
      const other = await apply(pullSecretOf(NAME, 'two'));
      const forced = await apply(pullSecretOf(NAME, 'two'), force);

      const whole = (data: unknown): unknown => ({
        'f:data': data,
        'f:metadata': {
          'f:annotations': { '.': {}, 'f:a': {} },
          'f:labels': { '.': {}, 'f:l': {} },
        },
        'f:type': {},
      });
      expect(cleared.body.metadata.managedFields).toBeUndefined();
      expect(ownersOf(again.body)).toEqual([
        OURS,
        ['before-first-apply', 'Update', whole({ '.': {}, 'f:.dockerconfigjson': {} })],
      ]);
      expect(other.status).toBe(409);
      expect(ownersOf(forced.body)).toEqual([OURS, ['before-first-apply', 'Update', whole({})]]);
    });

    it('does not track updates of an object whose managedFields were cleared', async () => {
      await apply(pullSecretOf(NAME, 'one'));
      await world().client.merge(path, { metadata: { managedFields: [{}] } });
      const { body } = await world().client.merge(path, { metadata: { labels: { l: '2' } } });
      expect(body.metadata.managedFields).toBeUndefined();
    });

    it('refuses a dockerconfigjson Secret without data, or with malformed data, with 422', async () => {
      await apply(pullSecretOf(NAME, 'one'));
      const { data: _, ...without } = pullSecretOf(NAME, 'one');
      const malformed = { '.dockerconfigjson': Buffer.from('canary, not json').toString('base64') };

      const missing = await apply(without);
      const bad = await apply({ ...without, data: malformed });

      expect([missing.status, bad.status]).toEqual([422, 422]);
      expect(missing.body['message']).toContain('data[.dockerconfigjson]: Required value');
      expect(causesOf(missing.body)).toEqual([
        {
          reason: 'FieldValueRequired',
          message: 'Required value',
          field: 'data[.dockerconfigjson]',
        },
      ]);
      expect(causesOf(bad.body)[0]).toMatchObject({ field: 'data[.dockerconfigjson]' });
      expect(bad.body['message']).toContain('<secret contents redacted>');
      expect(bad.body['message']).not.toContain('canary');
    });

    it('refuses to change the type with 422 on the field type', async () => {
      const secrets = path.replace(`/${NAME}`, '');
      await world().client.post(secrets, opaqueSecretOf(NAME));
      const plain = await apply(pullSecretOf(NAME, 'one'));
      const forced = await apply(pullSecretOf(NAME, 'one'), force);

      expect([plain.status, forced.status]).toEqual([409, 422]);
      expect(causesOf(forced.body)).toMatchObject([{ field: 'type' }]);
      expect(forced.body['message']).toContain('field is immutable');
    });

    it('refuses new data of an immutable Secret with 422 on the field data', async () => {
      await apply(pullSecretOf(NAME, 'one'));
      const frozen = await world().client.merge(path, { immutable: true }, { userAgent: 'them/1' });
      const changed = await apply(pullSecretOf(NAME, 'two'), force);
      const thawed = await world().client.merge(path, { immutable: null });
      const annotated = await world().client.merge(path, { metadata: { annotations: { b: '1' } } });

      expect(ownersOf(frozen.body)).toContainEqual(['them', 'Update', { 'f:immutable': {} }]);
      expect([changed.status, thawed.status, annotated.status]).toEqual([422, 422, 200]);
      expect(causesOf(changed.body)).toEqual([
        {
          reason: 'FieldValueForbidden',
          message: 'Forbidden: field is immutable when `immutable` is set',
          field: 'data',
        },
      ]);
    });

    it('refuses more than 1 MiB of data with 422 on the field data', async () => {
      const data = { big: Buffer.alloc(1024 * 1024 + 1).toString('base64') };
      const opaque = { apiVersion: 'v1', kind: 'Secret', metadata: { name: NAME }, data };
      const { status, body } = await apply(opaque);
      expect(status).toBe(422);
      expect(causesOf(body)).toMatchObject([{ reason: 'FieldValueTooLong', field: 'data' }]);
    });

    it('creates an empty Opaque Secret without field owners from an empty configuration', async () => {
      const bare = { apiVersion: 'v1', kind: 'Secret', metadata: { name: NAME } };
      const { status, body } = await apply(bare);
      expect({ status, type: body['type'] }).toEqual({ status: 201, type: 'Opaque' });
      expect(body.metadata.managedFields).toBeUndefined();
    });

    it('needs a field manager, the right kind, name and namespace, and no managedFields', async () => {
      const secret = pullSecretOf(NAME, 'one');
      const answers = [
        await apply(secret, 'force=true'),
        await apply({ ...secret, kind: undefined }),
        await apply(pullSecretOf('another', 'one')),
        await apply(pullSecretOf(NAME, 'one', { namespace: 'default' })),
        await apply(pullSecretOf(NAME, 'one', { managedFields: [{ manager: 'us' }] })),
      ];
      expect(answers.map(({ status }) => status)).toEqual([422, 400, 400, 400, 400]);
    });

    it('answers 404 that names the namespace if it does not exist', async () => {
      const nowhere = '/api/v1/namespaces/there-is-none/secrets/applied';
      const { status, body } = await world().client.apply(nowhere, pullSecretOf(NAME, 'one'));
      expect(status).toBe(404);
      expect(body['details']).toEqual({ name: 'there-is-none', kind: 'namespaces' });
    });
  });
}
