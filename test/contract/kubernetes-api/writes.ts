/** The contract of POST and merge patch. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { METADATA_ONLY } from '../servers/contract-client.ts';
import {
  opaqueSecretOf,
  ownersOf,
  pullSecretOf,
  type ContractWorld,
} from '../servers/contract-world.ts';

export function describeWrites(world: () => ContractWorld): void {
  describe('creating', () => {
    let namespace: string;
    let secrets: string;
    beforeEach(async () => {
      namespace = await world().newNamespace();
      secrets = `/api/v1/namespaces/${namespace}/secrets`;
    });

    it('sets UID, version and field owners itself, whatever was sent, such as for a Secret from a backup', async () => {
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

    it('refuses an object with a version with 500', async () => {
      const body = { ...pullSecretOf('versioned', 'one', { resourceVersion: '5' }) };
      expect((await world().client.post(secrets, body)).status).toBe(500);
    });

    it('refuses an existing object with 409 AlreadyExists', async () => {
      await world().client.post(secrets, opaqueSecretOf('twice'));
      const { status, body } = await world().client.post(secrets, opaqueSecretOf('twice'));
      expect({ status, reason: body['reason'] }).toEqual({ status: 409, reason: 'AlreadyExists' });
    });

    it('refuses invalid JSON with 400, a bad name with 422 and a missing namespace with 404', async () => {
      const { client } = world();
      const nowhere = '/api/v1/namespaces/there-is-none/secrets';
      const answers = [
        await client.post(secrets, '{'),
        await client.post(secrets, opaqueSecretOf('Not_A_Name')),
        await client.post(nowhere, opaqueSecretOf('one')),
      ];
      expect(answers.map(({ status }) => status)).toEqual([400, 422, 404]);
    });

    it('generates a name from generateName, and needs one of the two', async () => {
      const { client } = world();
      const body = { stringData: { key: 'value' } };
      const made = await client.post(secrets, { ...body, metadata: { generateName: 'made-' } });
      const nameless = await client.post(secrets, { ...body, metadata: {} });

      expect(made.body.metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
      expect(made.body.metadata.generateName).toBe('made-');
      expect(nameless.status).toBe(422);
      expect(nameless.body['message']).toBe(
        'Secret "" is invalid: metadata.name: Required value: name or generateName is required',
      );
    });

    it('accepts an object without kind and apiVersion, and refuses those of another resource with 400', async () => {
      const { client } = world();
      const metadata = { name: 'typed' };
      const answers = [
        await client.post(secrets, { metadata }),
        await client.post(secrets, { apiVersion: 'v1', kind: 'ConfigMap', metadata }),
        await client.post(secrets, { apiVersion: 'v2', kind: 'Secret', metadata }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([201, 400, 400]);
      const reasons = answers.slice(1).map(({ body }) => body['reason']);
      expect(reasons).toEqual(['BadRequest', 'BadRequest']);
    });

    it('refuses an ill-typed object with 400', async () => {
      const labels = { l: 1 };
      const { status, body } = await world().client.post(secrets, { metadata: { labels } });
      expect({ status, reason: body['reason'] }).toEqual({ status: 400, reason: 'BadRequest' });
    });

    it('names a missing namespace when something is created in it', async () => {
      const { client } = world();
      const nowhere = '/api/v1/namespaces/there-is-none/events';
      const { status, body } = await client.post(nowhere, {
        metadata: { name: 'told' },
        involvedObject: { kind: 'Namespace', namespace: 'there-is-none' },
      });
      expect(status).toBe(404);
      expect(body['message']).toBe('namespaces "there-is-none" not found');
    });

    it('accepts Events only in the namespace of their object', async () => {
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

  describe('Events', () => {
    it('get missing fields, times in whole seconds, and one owner for all fields', async () => {
      const { client } = world();
      const namespace = await world().newNamespace();
      const events = `/api/v1/namespaces/${namespace}/events`;
      const about = { kind: 'Namespace', name: namespace, namespace };
      const { body } = await client.post(events, {
        metadata: { name: 'told' },
        involvedObject: about,
        reason: 'Test',
        message: 'a test',
        type: 'Normal',
        firstTimestamp: '2026-01-01T00:00:00.123Z',
      });
      const { metadata, kind: _, apiVersion: __, ...content } = body;

      expect(content).toEqual({
        involvedObject: about,
        reason: 'Test',
        message: 'a test',
        type: 'Normal',
        source: {},
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: null,
        eventTime: null,
        reportingComponent: '',
        reportingInstance: '',
      });
      expect(metadata.managedFields?.map(({ fieldsV1 }) => fieldsV1)).toEqual([
        {
          'f:firstTimestamp': {},
          'f:involvedObject': {},
          'f:message': {},
          'f:reason': {},
          'f:type': {},
        },
      ]);
    });

    it('are counted up by merge patch, and a patch of a deleted one is answered with 404', async () => {
      const { client } = world();
      const namespace = await world().newNamespace();
      const events = `/api/v1/namespaces/${namespace}/events`;
      const involvedObject = { kind: 'Namespace', name: namespace, namespace };
      await client.post(events, { metadata: { name: 'told' }, involvedObject, count: 1 });
      const patch = { count: 2, lastTimestamp: '2026-01-01T00:01:00Z' };

      const counted = await client.merge(`${events}/told`, patch);
      const deleted = await client.delete(`${events}/told`);
      const late = await client.merge(`${events}/told`, patch);

      expect(counted.body).toMatchObject(patch);
      expect([deleted.status, late.status]).toEqual([200, 404]);
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

    it('records the changed fields for the user agent as an Update, and leaves the rest to us', async () => {
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

    it('prefers the field manager of the query, and forgets it when its field is removed', async () => {
      const mine = `${path}?fieldManager=us`;
      const set = await world().client.merge(mine, { metadata: { annotations: { due: 'x' } } });
      const cleared = await world().client.merge(mine, {
        metadata: { annotations: { due: null } },
      });
      expect(ownersOf(set.body).at(-1)).toMatchObject(['us', 'Update', {}]);
      expect(ownersOf(cleared.body)).toHaveLength(1);
      expect(cleared.body.metadata.annotations).toEqual({ a: '1' });
    });

    it('keeps an annotation that a patch set when the whole Secret is applied again', async () => {
      await world().client.merge(path, { metadata: { annotations: { due: 'x' } } });
      const { status, body } = await world().client.apply(path, pullSecretOf('patched', 'two'));
      expect(status).toBe(200);
      expect(body.metadata.annotations).toEqual({ a: '1', due: 'x' });
    });

    it('keeps the version when nothing changes', async () => {
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

    it('answers an object in a missing namespace with a 404 that names the object', async () => {
      const path = '/api/v1/namespaces/there-is-none/serviceaccounts/default';
      const patched = await world().client.merge(path, { imagePullSecrets: [] });
      const read = await world().client.get(path);
      expect([patched.status, read.status]).toEqual([404, 404]);
      expect(patched.body['message']).toBe('serviceaccounts "default" not found');
    });

    it('answers a missing object with 404 and creates nothing', async () => {
      const patch = { metadata: { labels: { l: '1' } } };
      const missing = await world().client.merge(`${secrets}/none`, patch);
      expect([missing.status, (await world().client.get(`${secrets}/none`)).status]).toEqual([
        404, 404,
      ]);
    });

    it('answers with only metadata if Accept asks for it, also for an apply', async () => {
      const applied = await world().client.merge(
        `${path}?fieldManager=us`,
        pullSecretOf('patched', 'two'),
        {
          accept: METADATA_ONLY,
          contentType: 'application/apply-patch+yaml',
        },
      );
      expect(applied.body.kind).toBe('PartialObjectMetadata');
      expect(ownersOf(applied.body)).toHaveLength(1);
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

    it('stores any number of labels and references, and a reference of any length', async () => {
      const { client } = world();
      const value = 'v'.repeat(60);
      const labels = Object.fromEntries(
        Array.from({ length: 6_000 }, (_, n) => [`${'k'.repeat(40)}-${n}`, value]),
      );
      const accounts = secrets.replace('secrets', 'serviceaccounts');
      const lists = [Array.from({ length: 200_000 }, () => ({})), [{ name: 'x'.repeat(600_000) }]];

      const statuses = [(await client.merge(path, { metadata: { labels } })).status];
      for (const [n, imagePullSecrets] of lists.entries()) {
        const { status, body } = await client.post(accounts, {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: `large-${n}` },
          imagePullSecrets,
        });
        statuses.push(status);
        expect(body['imagePullSecrets']).toHaveLength(imagePullSecrets.length);
      }

      expect(statuses).toEqual([200, 201, 201]);
    });

    it('answers an ill-typed patch with 422 and the Secret’s whole content in the message', async () => {
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
}
