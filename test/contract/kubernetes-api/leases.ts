/** The contract of Leases, as leader election relies on it. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ContractClient, type Answer } from '../servers/contract-client.ts';
import { causesOf, ownersOf, type ContractWorld } from '../servers/contract-world.ts';

const GROUP = 'coordination.k8s.io';
/** The Lease of the default instance. */
const NAME = 'ecr-pull-secrets';
const OTHER_UID = '00000000-0000-0000-0000-00000000ffff';

function leaseOf(spec: unknown, metadata: object = {}): Record<string, unknown> {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'Lease',
    metadata: { name: NAME, ...metadata },
    spec,
  };
}

export function describeLeases(world: () => ContractWorld): void {
  describe('Leases', () => {
    let namespace: string;
    let leases: string;
    let path: string;
    const apply = (spec: unknown, metadata?: object, query?: string): Promise<Answer> =>
      world().client.apply(path, leaseOf(spec, metadata), query);
    const force = 'fieldManager=us&force=true';
    beforeEach(async () => {
      namespace = await world().newNamespace();
      leases = `/apis/${GROUP}/v1/namespaces/${namespace}/leases`;
      path = `${leases}/${NAME}`;
    });

    it('are created by an apply, owned under the version of their group', async () => {
      const { status, body } = await apply({ holderIdentity: 'a', leaseDurationSeconds: 15 });
      expect(status).toBe(201);
      expect(body).toMatchObject({ kind: 'Lease', apiVersion: `${GROUP}/v1` });
      expect(body['spec']).toEqual({ holderIdentity: 'a', leaseDurationSeconds: 15 });
      expect(ownersOf(body)).toEqual([
        ['us', 'Apply', { 'f:spec': { 'f:holderIdentity': {}, 'f:leaseDurationSeconds': {} } }],
      ]);
      expect(body.metadata.managedFields?.[0]?.apiVersion).toBe(`${GROUP}/v1`);
    });

    it('are created or refused by an apply with version 1, but never changed, forced or not', async () => {
      const never = { resourceVersion: '1' };
      const created = await apply({ holderIdentity: 'a' }, never);
      const refused = await apply({ holderIdentity: 'b' }, never);
      const forced = await apply({ holderIdentity: 'b' }, never, force);
      const { body } = await world().client.get(path);

      expect([created, refused, forced].map(({ status }) => status)).toEqual([201, 409, 409]);
      expect(forced.body['message']).toBe(
        `Operation cannot be fulfilled on leases.${GROUP} "${NAME}": the object has been modified; ` +
          'please apply your changes to the latest version and try again',
      );
      expect(forced.body['details']).toEqual({ name: NAME, group: GROUP, kind: 'leases' });
      expect(body['spec']).toEqual({ holderIdentity: 'a' });
    });

    it('change under the right UID and version, and refuse a stale version with 409 even if forced', async () => {
      const { uid, resourceVersion } = (await apply({ holderIdentity: 'a' })).body.metadata;
      const right = await apply({ holderIdentity: 'b' }, { uid, resourceVersion }, force);
      const stale = await apply({ holderIdentity: 'c' }, { uid, resourceVersion }, force);
      expect([right.status, stale.status]).toEqual([200, 409]);
    });

    it('refuse another UID with 422, and a UID for a missing Lease with 409', async () => {
      const nothing = await apply({ holderIdentity: 'a' }, { uid: OTHER_UID }, force);
      await apply({ holderIdentity: 'a' });
      const other = await apply({ holderIdentity: 'b' }, { uid: OTHER_UID }, force);

      expect([nothing.status, other.status]).toEqual([409, 422]);
      expect(nothing.body['message']).toBe(
        `Operation cannot be fulfilled on leases.${GROUP} "${NAME}": uid mismatch: the provided ` +
          `object specified uid ${OTHER_UID}, and no existing object was found`,
      );
      expect(other.body['message']).toBe(
        `Lease.${GROUP} "${NAME}" is invalid: metadata.uid: Invalid value: "${OTHER_UID}": field is immutable`,
      );
      expect(other.body['details']).toMatchObject({ name: NAME, group: GROUP, kind: 'Lease' });
    });

    it('refuse another manager’s fields with 409, and hand them over with force', async () => {
      await apply({ holderIdentity: 'a' });
      const refused = await apply({ holderIdentity: 'b' }, {}, 'fieldManager=them');
      await world().client.merge(
        path,
        { spec: { leaseTransitions: 1 } },
        { userAgent: 'editor/1' },
      );
      const edited = await apply({ holderIdentity: 'a', leaseTransitions: 2 });
      const forced = await apply({ holderIdentity: 'b' }, {}, 'fieldManager=them&force=true');

      expect([refused.status, edited.status, forced.status]).toEqual([409, 409, 200]);
      expect(refused.body['message']).toBe(
        'Apply failed with 1 conflict: conflict with "us": .spec.holderIdentity',
      );
      expect(edited.body['message']).toBe(
        `Apply failed with 1 conflict: conflict with "editor" using ${GROUP}/v1: .spec.leaseTransitions`,
      );
    });

    it('have an owner for each field when they are posted', async () => {
      const { body } = await world().client.post(leases, leaseOf({ holderIdentity: 'a' }));
      expect(ownersOf(body)).toEqual([
        ['contract', 'Update', { 'f:spec': { 'f:holderIdentity': {} } }],
      ]);
    });

    it('take a merge patch under a version, and refuse a stale one with 409', async () => {
      const { client } = world();
      const { resourceVersion } = (await apply({ holderIdentity: 'a' })).body.metadata;
      const patch = { metadata: { resourceVersion }, spec: { holderIdentity: '' } };
      const released = await client.merge(path, patch);
      const stale = await client.merge(path, patch);
      expect([released.status, stale.status]).toEqual([200, 409]);
      expect(released.body['spec']).toEqual({ holderIdentity: '' });
    });

    it('can be acquired, paused and updated after somebody created them with metadata only', async () => {
      const { client } = world();
      const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
      const made = await client.post(leases, { metadata: { name: NAME, labels } }, 'Helm');
      const { uid, resourceVersion } = made.body.metadata;
      const spec = { holderIdentity: 'a', leaseTransitions: 1 };
      const taken = await apply(spec, { uid, resourceVersion }, force);
      const marking = { apiVersion: `${GROUP}/v1`, kind: 'Lease' };
      const mark = { name: NAME, annotations: { paused: 'yes' } };
      const query = 'fieldManager=marker&force=true';
      const marked = await client.apply(path, { ...marking, metadata: mark }, query);
      const stale = await apply(
        { ...spec, holderIdentity: '' },
        { uid, resourceVersion: taken.body.metadata.resourceVersion },
        force,
      );
      const current = { uid, resourceVersion: marked.body.metadata.resourceVersion };
      const cleared = await apply({ ...spec, holderIdentity: '' }, current, force);
      const upgraded = await client.merge(path, { metadata: { labels: { chart: 'next' } } });
      const gone = await client.merge(path, { metadata: { annotations: { paused: null } } });

      expect(made.body['spec']).toEqual({});
      const answers = [taken, marked, stale, cleared, upgraded, gone];
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 409, 200, 200, 200]);
      expect(marked.body['spec']).toEqual(spec);
      expect(cleared.body.metadata).toMatchObject({ uid, labels, annotations: { paused: 'yes' } });
      expect(gone.body['spec']).toEqual({ holderIdentity: '', leaseTransitions: 1 });
      expect(gone.body.metadata).toMatchObject({ uid, labels: { ...labels, chart: 'next' } });
      expect(gone.body.metadata.annotations).toBeUndefined();
    });

    it('are created by an apply of only the pause annotation', async () => {
      const mark = { name: NAME, annotations: { paused: 'yes' } };
      const { status, body } = await world().client.apply(path, {
        apiVersion: `${GROUP}/v1`,
        kind: 'Lease',
        metadata: mark,
      });
      expect([status, body['spec'], body.metadata.annotations]).toEqual([
        201,
        {},
        { paused: 'yes' },
      ]);
    });

    it('are posted, read, listed, watched and deleted', async () => {
      const { client } = world();
      const from = await world().currentVersion();
      const posted = await client.post(leases, { metadata: { name: NAME } });
      const read = await client.get(path);
      const listed = await client.get(leases);
      const deleted = await client.delete(path);
      const missing = await client.get(path);
      const watch = await client.watch(`${leases}?resourceVersion=${from}`);
      const frames = await watch.take(2);
      watch.leave();

      expect(posted.body['spec']).toEqual({});
      expect(posted.body.metadata.managedFields).toBeUndefined();
      expect(read.body).toEqual(posted.body);
      expect(listed.body).toMatchObject({ kind: 'LeaseList', apiVersion: `${GROUP}/v1` });
      expect(listed.body.items).toHaveLength(1);
      expect(deleted.body).toMatchObject({
        status: 'Success',
        details: { name: NAME, group: GROUP, kind: 'leases' },
      });
      expect(missing.body['message']).toBe(`leases.${GROUP} "${NAME}" not found`);
      expect(missing.body['details']).toEqual({ name: NAME, group: GROUP, kind: 'leases' });
      expect(frames.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
    });

    it('return times in UTC with six fractional digits, and drop null', async () => {
      const renewTime = '2026-01-01T01:00:00.120000+02:00';
      const { body } = await apply({ renewTime, acquireTime: '2026-01-01T00:00:00.000001Z' });
      const cleared = await world().client.merge(path, {
        spec: { renewTime: null, acquireTime: null },
      });
      expect(body['spec']).toEqual({
        renewTime: '2025-12-31T23:00:00.120000Z',
        acquireTime: '2026-01-01T00:00:00.000001Z',
      });
      expect(cleared.body['spec']).toEqual({});
    });

    it('refuse times without exactly six fractional digits: 400 for POST, 422 for PATCH, 500 for apply', async () => {
      const { client } = world();
      await apply({ holderIdentity: 'a' });
      for (const renewTime of [
        '2026-01-01T00:00:00Z',
        '2026-01-01T00:00:00.123Z',
        '2026-01-01T00:00:00.123456789Z',
        'yesterday',
      ]) {
        const answers = [
          await client.post(leases, leaseOf({ renewTime }, { name: 'other' })),
          await client.merge(path, { spec: { renewTime } }),
          await apply({ renewTime }),
        ];
        expect(answers.map(({ status }) => status)).toEqual([400, 422, 500]);
        expect(answers.map(({ body }) => body['reason'])).toEqual([
          'BadRequest',
          'Invalid',
          undefined,
        ]);
      }
    });

    it('refuse durations of 0, negative transitions and values that are not integers with 422', async () => {
      const { client } = world();
      await apply({ holderIdentity: 'a' });
      const zero = await client.merge(path, { spec: { leaseDurationSeconds: 0 } });
      const both = await client.merge(path, {
        spec: { leaseDurationSeconds: -1, leaseTransitions: -1 },
      });
      const text = await client.merge(path, { spec: { leaseDurationSeconds: '15' } });
      const half = await client.merge(path, { spec: { leaseDurationSeconds: 1.5 } });

      expect([zero, both, text, half].map(({ status }) => status)).toEqual([422, 422, 422, 422]);
      expect(causesOf(both.body)).toEqual([
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: -1: must be greater than 0',
          field: 'spec.leaseDurationSeconds',
        },
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: -1: must be greater than or equal to 0',
          field: 'spec.leaseTransitions',
        },
      ]);
    });
  });

  describe('a permission on Leases of one name in one namespace', () => {
    let home: string;
    let path: string;
    let user: string;
    let limited: ContractClient;
    beforeEach(async () => {
      const namespace = await world().newNamespace();
      home = `/apis/${GROUP}/v1/namespaces/${namespace}/leases`;
      path = `${home}/${NAME}`;
      const { name, wire } = await world().server.userWith([
        {
          apiGroups: [GROUP],
          resources: ['leases'],
          resourceNames: [NAME],
          verbs: ['get', 'create', 'patch'],
          namespace,
        },
      ]);
      user = name;
      limited = new ContractClient(wire);
    });

    it('covers reading, creation by apply, and patches', async () => {
      const answers = [
        await limited.get(path),
        await limited.apply(path, leaseOf({ holderIdentity: 'a' })),
        await limited.apply(path, leaseOf({ holderIdentity: 'b' })),
        await limited.merge(path, { spec: { holderIdentity: 'c' } }),
        await limited.get(path),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 201, 200, 200, 200]);
    });

    it('covers no other name, namespace, verb or group, and no POST', async () => {
      await limited.apply(path, leaseOf({ holderIdentity: 'a' }));
      const elsewhere = `/apis/${GROUP}/v1/namespaces/default/leases/${NAME}`;
      const answers = [
        await limited.get(`${home}/other`),
        await limited.apply(`${home}/other`, leaseOf({}, { name: 'other' })),
        await limited.get(elsewhere),
        await limited.post(home, leaseOf({})),
        await limited.get(`${home}?fieldSelector=metadata.name%3D${NAME}`),
        await limited.delete(path),
        await limited.get(`/api/v1/namespaces/default/secrets/${NAME}`),
      ];
      expect(answers.map(({ status }) => status)).toEqual(Array(7).fill(403));
      expect(answers[2]?.body).toMatchObject({
        message:
          `leases.${GROUP} "${NAME}" is forbidden: User "${user}" cannot get resource "leases" ` +
          `in API group "${GROUP}" in the namespace "default"`,
        details: { name: NAME, group: GROUP, kind: 'leases' },
      });
    });
  });
}
