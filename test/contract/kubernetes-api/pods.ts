/** The contract of Pods and ServiceAccount admission: whether a pull secret reaches a Pod. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Answer } from '../servers/contract-client.ts';
import { causesOf, ownersOf, type ContractWorld } from '../servers/contract-world.ts';

const CONTAINERS = [{ name: 'main', image: 'registry.example/app:1' }];

export function describePods(world: () => ContractWorld): void {
  describe('Pods', () => {
    let home: string;
    let pods: string;
    const create = (name: string, spec: unknown = {}): Promise<Answer> =>
      world().client.post(pods, {
        metadata: { name },
        spec: { containers: CONTAINERS, ...(spec as object) },
      });
    const entriesOf = ({ body }: Answer): unknown =>
      (body['spec'] as { readonly imagePullSecrets?: unknown }).imagePullSecrets;
    beforeEach(async () => {
      home = await world().newHome();
      pods = `${home}/pods`;
    });

    it('start as Pending, with default values in their spec and the ServiceAccount default', async () => {
      const { status, body } = await create('plain');
      expect(status).toBe(201);
      expect(body).toMatchObject({
        kind: 'Pod',
        apiVersion: 'v1',
        metadata: { generation: 1 },
        spec: {
          containers: [
            {
              ...CONTAINERS[0],
              resources: {},
              imagePullPolicy: 'IfNotPresent',
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
            },
          ],
          restartPolicy: 'Always',
          terminationGracePeriodSeconds: 30,
          dnsPolicy: 'ClusterFirst',
          serviceAccountName: 'default',
          serviceAccount: 'default',
          securityContext: {},
          schedulerName: 'default-scheduler',
          enableServiceLinks: true,
        },
        status: { phase: 'Pending', qosClass: 'BestEffort' },
      });
    });

    it('pull always if the image has no tag, or latest', async () => {
      const policyOf = async (name: string, image: string): Promise<unknown> => {
        const { body } = await create(name, { containers: [{ name: 'main', image }] });
        return (body['spec'] as { readonly containers: readonly Record<string, unknown>[] })
          .containers[0]?.['imagePullPolicy'];
      };
      const digest = `app@sha256:${'0'.repeat(64)}`;
      expect([
        await policyOf('untagged', 'registry.example:5000/app'),
        await policyOf('latest', 'app:latest'),
        await policyOf('tagged', 'app:1'),
        await policyOf('digest', digest),
      ]).toEqual(['Always', 'Always', 'IfNotPresent', 'IfNotPresent']);
    });

    it('get the pull secrets of their ServiceAccount in its order, only at creation', async () => {
      const { client } = world();
      const entries = [{ name: 'b' }, { name: 'a' }];
      const account = `${home}/serviceaccounts/default`;
      const before = await create('before');
      await client.merge(account, { imagePullSecrets: entries });
      const after = await create('after');
      const patched = await client.merge(`${pods}/before`, { metadata: { labels: { l: '1' } } });

      expect(entriesOf(before)).toBeUndefined();
      expect(entriesOf(after)).toEqual(entries);
      expect(entriesOf(patched)).toBeUndefined();
    });

    it('get them without a field owner when they are applied', async () => {
      const { client } = world();
      await client.merge(`${home}/serviceaccounts/default`, { imagePullSecrets: [{ name: 'a' }] });
      const applied = await client.apply(`${pods}/applied`, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'applied' },
        spec: { containers: CONTAINERS },
      });
      expect(applied.status).toBe(201);
      expect(entriesOf(applied)).toEqual([{ name: 'a' }]);
      expect(JSON.stringify(applied.body.metadata.managedFields)).not.toContain('imagePullSecrets');
    });

    it('have an owner for each field, containers and pull secrets by name, and none for what admission adds', async () => {
      await world().client.merge(`${home}/serviceaccounts/default`, {
        imagePullSecrets: [{ name: 'theirs' }],
      });
      const defaults = {
        'f:dnsPolicy': {},
        'f:enableServiceLinks': {},
        'f:restartPolicy': {},
        'f:schedulerName': {},
        'f:securityContext': {},
        'f:terminationGracePeriodSeconds': {},
        'f:containers': {
          'k:{"name":"main"}': {
            '.': {},
            'f:image': {},
            'f:imagePullPolicy': {},
            'f:name': {},
            'f:resources': {},
            'f:terminationMessagePath': {},
            'f:terminationMessagePolicy': {},
          },
        },
      };
      const given = await create('given');
      const own = await create('own', { imagePullSecrets: [{ name: 'mine' }] });
      expect(ownersOf(given.body)).toEqual([['contract', 'Update', { 'f:spec': defaults }]]);
      const entries = { 'f:imagePullSecrets': { '.': {}, 'k:{"name":"mine"}': {} } };
      expect(ownersOf(own.body)).toEqual([
        ['contract', 'Update', { 'f:spec': { ...defaults, ...entries } }],
      ]);
    });

    it('give a container’s image from one applying manager to another only by force', async () => {
      const { client } = world();
      const podWith = (image: string): unknown => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'applied' },
        spec: { containers: [{ name: 'main', image }] },
      });
      const path = `${pods}/applied`;
      const first = await client.apply(path, podWith('app:1'));
      const again = await client.apply(path, podWith('app:1'));
      const refused = await client.apply(path, podWith('app:2'), 'fieldManager=them');
      const forced = await client.apply(path, podWith('app:2'), 'fieldManager=them&force=true');
      const owned = (...fields: readonly string[]): unknown => ({
        'f:spec': {
          'f:containers': {
            'k:{"name":"main"}': Object.fromEntries(fields.map((field) => [field, {}])),
          },
        },
      });

      expect(again.body).toEqual(first.body);
      expect(ownersOf(first.body)).toEqual([['us', 'Apply', owned('.', 'f:image', 'f:name')]]);
      expect(refused.body['message']).toBe(
        'Apply failed with 1 conflict: conflict with "us": .spec.containers[name="main"].image',
      );
      expect(forced.body['spec']).toMatchObject({ containers: [{ name: 'main', image: 'app:2' }] });
      expect(ownersOf(forced.body)).toEqual(
        expect.arrayContaining([
          ['them', 'Apply', owned('.', 'f:image', 'f:name')],
          ['us', 'Apply', owned('.', 'f:name')],
        ]),
      );
    });

    it('keep their own pull secrets, and then get none from the ServiceAccount', async () => {
      await world().client.merge(`${home}/serviceaccounts/default`, {
        imagePullSecrets: [{ name: 'theirs' }],
      });
      const own = await create('own', { imagePullSecrets: [{ name: 'mine' }] });
      const empty = await create('empty', { imagePullSecrets: [] });
      expect(entriesOf(own)).toEqual([{ name: 'mine' }]);
      expect(entriesOf(empty)).toEqual([{ name: 'theirs' }]);
    });

    it('can name another ServiceAccount in either field', async () => {
      const imagePullSecrets = [{ name: 'special' }];
      await world().client.post(`${home}/serviceaccounts`, {
        metadata: { name: 'special' },
        imagePullSecrets,
      });
      const named = await create('named', { serviceAccountName: 'special' });
      const old = await create('old', { serviceAccount: 'special' });
      expect([entriesOf(named), entriesOf(old)]).toEqual([imagePullSecrets, imagePullSecrets]);
    });

    it('are refused with 403 if their ServiceAccount is missing', async () => {
      const { status, body } = await create('lost', { serviceAccountName: 'none' });
      const namespace = home.split('/').at(-1);
      expect(status).toBe(403);
      expect(body['message']).toBe(
        `pods "lost" is forbidden: error looking up service account ${namespace}/none: ` +
          'serviceaccount "none" not found',
      );
      expect(body['details']).toEqual({ name: 'lost', kind: 'pods' });
    });

    it('need containers with a name and an image', async () => {
      const answers = [
        await create('none', { containers: [] }),
        await create('imageless', { containers: [{ name: 'main' }] }),
        await create('nameless', { containers: [{ image: 'app' }] }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([422, 422, 422]);
      expect(answers.flatMap(({ body }) => causesOf(body).map(({ field }) => field))).toEqual([
        'spec.containers',
        'spec.containers[0].image',
        'spec.containers[0].name',
      ]);
    });

    it('accept new labels, but no other restart policy or pull secrets, and keep their status', async () => {
      const { client } = world();
      await create('fixed', { imagePullSecrets: [{ name: 'mine' }] });
      const path = `${pods}/fixed`;
      const labelled = await client.merge(path, { metadata: { labels: { l: '1' } } });
      const restart = await client.merge(path, { spec: { restartPolicy: 'Never' } });
      const secrets = await client.merge(path, { spec: { imagePullSecrets: [] } });
      const running = await client.merge(path, { status: { phase: 'Running' } });

      expect([labelled, restart, secrets].map(({ status }) => status)).toEqual([200, 422, 422]);
      expect(causesOf(restart.body)).toMatchObject([
        { reason: 'FieldValueForbidden', field: 'spec' },
      ]);
      expect(restart.body['message']).toContain(
        'pod updates may not change fields other than `spec.containers[*].image`',
      );
      expect(running.body['status']).toMatchObject({ phase: 'Pending' });
    });

    it('disappear at once if they are on no node', async () => {
      const { client } = world();
      const { uid } = (await create('short')).body.metadata;
      const deleted = await client.delete(`${pods}/short`);
      const after = await client.get(`${pods}/short`);

      expect(deleted.body).toMatchObject({
        kind: 'Pod',
        metadata: { uid, generation: 2, deletionGracePeriodSeconds: 0 },
      });
      expect(after.status).toBe(404);
    });

    it('wait for their node if they are on one, unless the grace period is zero', async () => {
      const { client } = world();
      await create('placed', { nodeName: 'node' });
      const path = `${pods}/placed`;
      const marked = await client.delete(path);
      const still = await client.get(path);
      const forced = await client.deleteWith(path, { gracePeriodSeconds: 0 });
      const after = await client.get(path);

      expect(marked.body.metadata.deletionGracePeriodSeconds).toBe(30);
      expect([still.status, forced.status, after.status]).toEqual([200, 200, 404]);
    });
  });
}
