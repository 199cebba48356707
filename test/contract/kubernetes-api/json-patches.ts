/** The contract of JSON patch, tested on ConfigMaps and ServiceAccounts. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Answer } from '../servers/contract-client.ts';
import { ownersOf, type ContractWorld } from '../servers/contract-world.ts';

const INAPPLICABLE = {
  message: 'the server rejected our request due to an error in our request',
  reason: 'Invalid',
  details: {},
  code: 422,
};

export function describeJsonPatches(world: () => ContractWorld): void {
  describe('JSON patching', () => {
    let home: string;
    let path: string;
    const patch = (...operations: readonly unknown[]): Promise<Answer> =>
      world().client.jsonPatch(path, operations);
    beforeEach(async () => {
      home = `/api/v1/namespaces/${await world().newNamespace()}`;
      path = `${home}/configmaps/patched`;
      await world().client.post(`${home}/configmaps`, {
        metadata: { name: 'patched' },
        data: { a: '1', b: '2' },
      });
    });

    it('adds, replaces, removes, moves and copies, in order', async () => {
      const { status, body } = await patch(
        { op: 'add', path: '/data/c', value: '3' },
        { op: 'replace', path: '/data/a', value: '9' },
        { op: 'remove', path: '/data/b' },
        { op: 'move', from: '/data/c', path: '/data/d' },
        { op: 'copy', from: '/data/d', path: '/data/e' },
        { op: 'add', path: '/metadata/labels', value: { l: '1' } },
        { op: 'add', path: '/metadata/labels/example.com~1l', value: '2' },
      );
      expect(status).toBe(200);
      expect(body['data']).toEqual({ a: '9', d: '3', e: '3' });
      expect(body.metadata.labels).toEqual({ l: '1', 'example.com/l': '2' });
    });

    it('records the changed fields for its manager, as an Update', async () => {
      const { client } = world();
      const operations = [{ op: 'replace', path: '/data/a', value: '9' }];
      const { body } = await client.jsonPatch(`${path}?fieldManager=us`, operations);
      expect(ownersOf(body)).toContainEqual(['us', 'Update', { 'f:data': { 'f:a': {} } }]);
    });

    it('continues if a test operation holds, and is refused with 422 without any change if one fails', async () => {
      const held = await patch(
        { op: 'test', path: '/data/a', value: '1' },
        { op: 'replace', path: '/data/a', value: '9' },
      );
      const failed = await patch(
        { op: 'replace', path: '/data/b', value: '9' },
        { op: 'test', path: '/data/a', value: '1' },
      );
      const missing = await patch({ op: 'test', path: '/data/none', value: '1' });
      const { body } = await world().client.get(path);

      expect([held, failed, missing].map(({ status }) => status)).toEqual([200, 422, 422]);
      expect(failed.body).toMatchObject(INAPPLICABLE);
      expect(body['data']).toEqual({ a: '9', b: '2' });
    });

    it.each([
      ['removes a missing value', { op: 'remove', path: '/data/none' }],
      ['moves a missing value', { op: 'move', from: '/data/none', path: '/data/a' }],
      ['adds to a missing parent', { op: 'add', path: '/none/a', value: '1' }],
      ['has an unknown operation', { op: 'increase', path: '/data/a' }],
      ['replaces the whole object', { op: 'add', path: '', value: {} }],
    ])('is refused with 422 if it %s', async (_, operation) => {
      const { status, body } = await patch(operation);
      expect(status).toBe(422);
      expect(body).toMatchObject(INAPPLICABLE);
    });

    it('creates what it replaces, copies a missing value as empty, and adds an empty value if none is given', async () => {
      const { status, body } = await patch(
        { op: 'replace', path: '/data/c', value: '3' },
        { op: 'copy', from: '/data/none', path: '/data/d' },
        { op: 'add', path: '/data/e' },
      );
      expect(status).toBe(200);
      expect(body['data']).toEqual({ a: '1', b: '2', c: '3', d: '', e: '' });
    });

    it('changes lists by index, at the end and counted from the end, and not beyond', async () => {
      const { client } = world();
      const account = `${home}/serviceaccounts/account`;
      const imagePullSecrets = [{ name: 'a' }, { name: 'b' }];
      await client.post(`${home}/serviceaccounts`, {
        metadata: { name: 'account' },
        imagePullSecrets,
      });
      const list = '/imagePullSecrets';
      const { body } = await client.jsonPatch(account, [
        { op: 'add', path: `${list}/-`, value: { name: 'end' } },
        { op: 'add', path: `${list}/0`, value: { name: 'first' } },
        { op: 'remove', path: `${list}/1` },
        { op: 'replace', path: `${list}/0/name`, value: 'changed' },
        { op: 'add', path: `${list}/-1`, value: { name: 'last' } },
      ]);
      const names = (body['imagePullSecrets'] as readonly { readonly name: string }[]).map(
        ({ name }) => name,
      );
      const beyond = [
        await client.jsonPatch(account, [{ op: 'add', path: `${list}/9`, value: {} }]),
        await client.jsonPatch(account, [{ op: 'remove', path: `${list}/9` }]),
      ];
      expect(names).toEqual(['changed', 'b', 'end', 'last']);
      expect(beyond.map(({ status }) => status)).toEqual([422, 422]);
    });

    it('keeps the version when nothing changes', async () => {
      const before = await world().client.get(path);
      const { status, body } = await patch();
      expect({ status, body }).toEqual({ status: 200, body: before.body });
    });

    it('refuses a stale version with 409, another UID and an ill-typed result with 422', async () => {
      const version = '/metadata/resourceVersion';
      const stale = await patch({ op: 'replace', path: version, value: '3' });
      const uid = await patch({ op: 'replace', path: '/metadata/uid', value: 'another' });
      const typed = await patch({ op: 'replace', path: '/data/a', value: 3 });
      expect([stale, uid, typed].map(({ status }) => status)).toEqual([409, 422, 422]);
      expect(typed.body['reason']).toBe('Invalid');
    });

    it('answers 404 for a missing object and 400 for an invalid patch', async () => {
      const { client } = world();
      const missing = await client.jsonPatch(`${home}/configmaps/none`, []);
      const object = await client.jsonPatch(path, { op: 'add' });
      const junk = await client.jsonPatch(path, '[');
      expect([missing, object, junk].map(({ status }) => status)).toEqual([404, 400, 400]);
      const reasons = [object, junk].map(({ body }) => body['reason']);
      expect(reasons).toEqual(['BadRequest', 'BadRequest']);
    });
  });

  describe('ConfigMaps', () => {
    it('are created, applied, patched, read, listed and deleted', async () => {
      const { client } = world();
      const namespace = await world().newNamespace();
      const maps = `/api/v1/namespaces/${namespace}/configmaps`;
      const path = `${maps}/settings`;
      const created = await client.post(maps, { metadata: { name: 'settings' }, data: { a: '1' } });
      const applied = await client.apply(path, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings' },
        data: { b: '2' },
      });
      const patched = await client.merge(path, { data: { a: null } });
      const deleted = await client.delete(path);
      const missing = await client.get(path);

      expect(created.body).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
      expect(applied.body['data']).toEqual({ a: '1', b: '2' });
      expect(ownersOf(applied.body)).toEqual([
        ['us', 'Apply', { 'f:data': { 'f:b': {} } }],
        ['contract', 'Update', { 'f:data': { '.': {}, 'f:a': {} } }],
      ]);
      expect(patched.body['data']).toEqual({ b: '2' });
      expect(deleted.body).toMatchObject({ status: 'Success', details: { kind: 'configmaps' } });
      expect(missing.body['message']).toBe('configmaps "settings" not found');
    });

    it('can hold only text', async () => {
      const maps = `/api/v1/namespaces/${await world().newNamespace()}/configmaps`;
      const { status } = await world().client.post(maps, {
        metadata: { name: 'numbers' },
        data: { a: 1 },
      });
      expect(status).toBe(400);
    });
  });
}
