/** The contract of POST, merge patch and DELETE. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { METADATA_ONLY } from './contract-client.ts';
import { opaqueSecretOf, ownersOf, pullSecretOf, type ContractWorld } from './contract-world.ts';

export function describeWrites(world: () => ContractWorld): void {
  describe('creating', () => {
    let namespace: string;
    let secrets: string;
    beforeEach(async () => {
      namespace = await world().newNamespace();
      secrets = `/api/v1/namespaces/${namespace}/secrets`;
    });

    it('makes UID, version and owners anew, whatever was sent, as for a Secret from a backup', async () => {
      const { client } = world();
      const original = (await client.apply(`${secrets}/kept`, pullSecretOf('kept', 'one'))).body;
      const { resourceVersion: _, ...metadata } = original.metadata;
      await client.delete(`${secrets}/kept`);

      const restored = await client.post(secrets, { ...original, metadata }, 'kubectl-create/1');

      expect(restored.status).toBe(201);
      expect(restored.body.metadata.uid).not.toBe(original.metadata.uid);
      expect(restored.body.metadata.labels).toEqual(original.metadata.labels);
      expect(restored.body.metadata.annotations).toEqual(original.metadata.annotations);
      expect(ownersOf(restored.body)).toEqual([
        [
          'kubectl-create',
          'Update',
          {
            'f:data': { '.': {}, 'f:.dockerconfigjson': {} },
            'f:metadata': {
              'f:annotations': { '.': {}, 'f:a': {} },
              'f:labels': { '.': {}, 'f:l': {} },
            },
            'f:type': {},
          },
        ],
      ]);
    });

    it('refuses an object that brings a version with 500', async () => {
      const body = { ...pullSecretOf('versioned', 'one', { resourceVersion: '5' }) };
      expect((await world().client.post(secrets, body)).status).toBe(500);
    });

    it('refuses what exists already with 409 AlreadyExists', async () => {
      await world().client.post(secrets, opaqueSecretOf('twice'));
      const { status, body } = await world().client.post(secrets, opaqueSecretOf('twice'));
      expect({ status, reason: body['reason'] }).toEqual({ status: 409, reason: 'AlreadyExists' });
    });

    it('refuses what is no JSON with 400, a bad name with 422 and a missing namespace with 404', async () => {
      const { client } = world();
      const nowhere = '/api/v1/namespaces/there-is-none/secrets';
      const answers = [
        await client.post(secrets, '{'),
        await client.post(secrets, opaqueSecretOf('Not_A_Name')),
        await client.post(nowhere, opaqueSecretOf('one')),
      ];
      expect(answers.map(({ status }) => status)).toEqual([400, 422, 404]);
    });

    it('keeps Events only in the namespace of what they are about', async () => {
      const { client } = world();
      const event = (name: string, about: string | undefined): unknown => ({
        metadata: { name },
        involvedObject: { kind: 'Namespace', name: namespace, namespace: about },
        reason: 'Test',
        message: 'a test',
        type: 'Normal',
      });
      const events = `/api/v1/namespaces/${namespace}/events`;
      const inDefault = '/api/v1/namespaces/default/events';

      const right = await client.post(events, event('right', namespace));
      const nowhere = await client.post(events, event('nowhere', undefined));
      const elsewhere = await client.post(events, event('elsewhere', 'default'));
      const cluster = await client.post(inDefault, event(world().newName(), undefined));
      const counted = await client.merge(`${events}/right`, { count: 2 });

      expect([right, nowhere, elsewhere, cluster, counted].map(({ status }) => status)).toEqual([
        201, 422, 422, 201, 200,
      ]);
      expect(nowhere.body['details']).toMatchObject({
        causes: [{ field: 'involvedObject.namespace' }],
      });
      expect(counted.body['count']).toBe(2);
    });
  });

  describe('merge patching', () => {
    let secrets: string;
    let path: string;
    beforeEach(async () => {
      secrets = `/api/v1/namespaces/${await world().newNamespace()}/secrets`;
      path = `${secrets}/patched`;
      await world().client.apply(path, pullSecretOf('patched', 'one'));
    });

    it('gives the changed fields to the user agent as an Update, leaving the rest to us', async () => {
      const patch = { metadata: { annotations: { due: 'x' } } };
      const { body } = await world().client.merge(path, patch, {
        userAgent: 'kubectl/v1.36 (linux)',
      });
      expect(ownersOf(body).slice(1)).toEqual([
        ['kubectl', 'Update', { 'f:metadata': { 'f:annotations': { 'f:due': {} } } }],
      ]);
      expect(ownersOf(body)[0]).toEqual(
        ownersOf((await world().client.apply(path, pullSecretOf('patched', 'one'))).body)[0],
      );
    });

    it('prefers the field manager of the query, and forgets it when its field is gone', async () => {
      const mine = `${path}?fieldManager=us`;
      const set = await world().client.merge(mine, { metadata: { annotations: { due: 'x' } } });
      const cleared = await world().client.merge(mine, {
        metadata: { annotations: { due: null } },
      });
      expect(ownersOf(set.body).at(-1)).toMatchObject(['us', 'Update', {}]);
      expect(ownersOf(cleared.body)).toHaveLength(1);
      expect(cleared.body.metadata.annotations).toEqual({ a: '1' });
    });

    it('leaves an annotation that a patch set alone when the whole Secret is applied anew', async () => {
      await world().client.merge(path, { metadata: { annotations: { due: 'x' } } });
      const { status, body } = await world().client.apply(path, pullSecretOf('patched', 'two'));
      expect(status).toBe(200);
      expect(body.metadata.annotations).toEqual({ a: '1', due: 'x' });
    });

    it('leaves the version alone when nothing changes', async () => {
      const before = await world().client.get(path);
      const patch = { metadata: { labels: { l: '1' }, annotations: { none: null } } };
      const { status, body } = await world().client.merge(path, patch);
      expect({ status, body }).toEqual({ status: 200, body: before.body });
    });

    it('refuses a stale version with 409 and another UID with 422', async () => {
      const { client } = world();
      const { resourceVersion } = (await client.get(path)).body.metadata;
      await client.merge(path, { metadata: { labels: { l: '2' } } });
      const stale = await client.merge(path, { metadata: { resourceVersion, labels: { l: '3' } } });
      const other = await client.merge(path, { metadata: { uid: 'another', labels: { l: '3' } } });
      const both = await client.merge(path, { metadata: { resourceVersion, uid: 'another' } });
      expect([stale.status, other.status, both.status]).toEqual([409, 422, 409]);
      expect(stale.body['reason']).toBe('Conflict');
    });

    it('answers what is not there with 404 and creates nothing', async () => {
      const patch = { metadata: { labels: { l: '1' } } };
      const missing = await world().client.merge(`${secrets}/none`, patch);
      expect([missing.status, (await world().client.get(`${secrets}/none`)).status]).toEqual([
        404, 404,
      ]);
    });

    it('answers with metadata only when asked by Accept', async () => {
      const patch = { metadata: { labels: { l: '2' } } };
      const { body } = await world().client.merge(path, patch, { accept: METADATA_ONLY });
      expect(body.kind).toBe('PartialObjectMetadata');
      expect(body['data']).toBeUndefined();
    });

    it('refuses bad labels and too many annotations with 422', async () => {
      const { client } = world();
      const label = await client.merge(path, { metadata: { labels: { l: 'not a value' } } });
      const big = { metadata: { annotations: { big: 'x'.repeat(256 * 1024) } } };
      expect([label.status, (await client.merge(path, big)).status]).toEqual([422, 422]);
    });

    it('answers an ill-typed patch with 422 and the whole content of the Secret in its message', async () => {
      const { status, body } = await world().client.merge(path, { metadata: { labels: { l: 1 } } });
      const [content] = Object.values(
        pullSecretOf('patched', 'one')['data'] as Record<string, string>,
      );
      expect(status).toBe(422);
      expect(body['message']).toContain(content);
    });

    it('refuses a body of an unknown type with 415', async () => {
      const patch = { metadata: {} };
      const { status } = await world().client.merge(path, patch, { contentType: 'text/plain' });
      expect(status).toBe(415);
    });
  });

  describe('deleting', () => {
    let path: string;
    beforeEach(async () => {
      const secrets = `/api/v1/namespaces/${await world().newNamespace()}/secrets`;
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
  });
}
