/** The contract of DELETE. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { METADATA_ONLY } from '../servers/contract-client.ts';
import {
  causesOf,
  opaqueSecretOf,
  ownersOf,
  pullSecretOf,
  type ContractWorld,
} from '../servers/contract-world.ts';

const HELD_BY = 'example.com/held';

export function describeDeletions(world: () => ContractWorld): void {
  describe('deleting', () => {
    let secrets: string;
    let path: string;
    beforeEach(async () => {
      secrets = `/api/v1/namespaces/${await world().newNamespace()}/secrets`;
      path = `${secrets}/doomed`;
      await world().client.post(secrets, opaqueSecretOf('doomed'));
    });

    it('refuses another UID or version with 409, and deletes with the right ones', async () => {
      const { client } = world();
      const { uid, resourceVersion } = (await client.get(path)).body.metadata;

      const otherUid = await client.delete(path, { uid: 'another' });
      const otherVersion = await client.delete(path, { uid, resourceVersion: '1' });
      const right = await client.delete(path, { uid, resourceVersion });
      const again = await client.delete(path);

      expect([otherUid, otherVersion, right, again].map(({ status }) => status)).toEqual([
        409, 409, 200, 404,
      ]);
      expect(otherUid.body).toMatchObject({ reason: 'Conflict', details: { name: 'doomed' } });
      expect(right.body).toMatchObject({
        kind: 'Status',
        status: 'Success',
        details: { name: 'doomed', kind: 'secrets', uid },
      });
    });

    it('answers for a Secret with a Status, for a ServiceAccount with the object, metadata only on request', async () => {
      const { client } = world();
      const account = path.replace(/secrets.*/, 'serviceaccounts/doomed');
      await client.post(account.replace(/\/doomed$/, ''), { metadata: { name: 'doomed' } });
      const secret = await client.deleteWith(path, {}, { accept: METADATA_ONLY });
      const gone = await client.deleteWith(account, {}, { accept: METADATA_ONLY });
      expect(secret.body).toMatchObject({ kind: 'Status', status: 'Success' });
      expect(gone.body.kind).toBe('PartialObjectMetadata');
    });

    it('refuses a stale version with 409 and names the current one', async () => {
      const { client } = world();
      const { resourceVersion } = (await client.get(path)).body.metadata;
      const now = await client.merge(path, { metadata: { labels: { l: '1' } } });
      const { status, body } = await client.delete(path, { resourceVersion });

      expect(status).toBe(409);
      expect(body['message']).toBe(
        'Operation cannot be fulfilled on Secret "doomed": the ResourceVersion in the precondition ' +
          `(${resourceVersion}) does not match the ResourceVersion in record ` +
          `(${now.body.metadata.resourceVersion}). The object might have been modified`,
      );
      expect(body['details']).toEqual({ name: 'doomed', kind: 'Secret' });
    });

    it('answers 404 for a missing object, whatever the preconditions, also in a missing namespace', async () => {
      const { client } = world();
      const missing = await client.delete(`${secrets}/none`, { uid: 'another' });
      const nowhere = await client.delete('/api/v1/namespaces/there-is-none/secrets/none');
      expect([missing.status, nowhere.status]).toEqual([404, 404]);
      expect(nowhere.body['message']).toBe('secrets "none" not found');
    });

    it('only marks an object with a finalizer, and answers with it, metadata only on request', async () => {
      const { client } = world();
      await client.merge(path, { metadata: { finalizers: [HELD_BY] } });
      const marked = await client.delete(path);
      const again = await client.merge(path, { metadata: { labels: { l: '1' } } });
      const { metadata } = (await client.get(path, METADATA_ONLY)).body;

      expect(marked.status).toBe(200);
      expect(marked.body).toMatchObject({
        kind: 'Secret',
        metadata: { finalizers: [HELD_BY], deletionGracePeriodSeconds: 0 },
      });
      expect(marked.body.metadata.deletionTimestamp).toMatch(/^\d{4}-.*Z$/);
      expect(again.status).toBe(200);
      expect(metadata.deletionTimestamp).toBe(marked.body.metadata.deletionTimestamp);
    });

    it('records an owner for each finalizer', async () => {
      const { client } = world();
      const held = path.replace(/doomed$/, 'held');
      await client.apply(held, pullSecretOf('held', 'one', { finalizers: [HELD_BY] }));
      const patch = { metadata: { finalizers: [HELD_BY, 'a.b/more'] } };
      const { body } = await client.merge(held, patch, { userAgent: 'them/1' });
      const again = await client.apply(held, pullSecretOf('held', 'one'));
      await client.merge(held, { metadata: { finalizers: null } });

      const finalizers = { 'f:finalizers': { 'v:"a.b/more"': {} } };
      expect(ownersOf(body).slice(1)).toEqual([['them', 'Update', { 'f:metadata': finalizers }]]);
      expect(ownersOf(body)[0]).toMatchObject([
        'us',
        'Apply',
        { 'f:metadata': { 'f:finalizers': { [`v:"${HELD_BY}"`]: {} } } },
      ]);
      expect(again.body.metadata.finalizers).toEqual(['a.b/more']);
    });

    it('keeps the version when a marked object is deleted again', async () => {
      const { client } = world();
      await client.merge(path, { metadata: { finalizers: [HELD_BY] } });
      const first = await client.delete(path);
      const second = await client.delete(path);
      expect(second.body).toEqual(first.body);
    });

    it('refuses new finalizers on a marked object, and removes it with its last finalizer', async () => {
      const { client } = world();
      await client.merge(path, { metadata: { finalizers: [HELD_BY] } });
      const { resourceVersion } = (await client.delete(path)).body.metadata;
      const watch = await client.watch(`${secrets}?resourceVersion=${resourceVersion}`);

      const more = await client.merge(path, { metadata: { finalizers: [HELD_BY, 'a.b/more'] } });
      const last = await client.merge(path, { metadata: { finalizers: null } });
      const gone = await client.get(path);
      const frame = await watch.next();
      watch.leave();

      expect([more.status, last.status, gone.status]).toEqual([422, 200, 404]);
      expect(causesOf(more.body)[0]).toMatchObject({
        reason: 'FieldValueForbidden',
        field: 'metadata.finalizers',
      });
      expect(last.body.metadata.resourceVersion).toBe(resourceVersion);
      expect(frame).toMatchObject({
        type: 'DELETED',
        object: { metadata: { name: 'doomed', finalizers: [HELD_BY] } },
      });
    });
  });
}
