/** The contract of RBAC by group and namespace, and of asking what it allows. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ContractClient, type Answer } from '../servers/contract-client.ts';
import type { ContractWorld } from '../servers/contract-world.ts';
import type { Permission } from '../servers/server-under-test.ts';

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const LEASES: Permission = {
  apiGroups: ['coordination.k8s.io'],
  resources: ['leases'],
  resourceNames: ['mine'],
  verbs: ['get', 'patch'],
};

export function describeAccessReviews(world: () => ContractWorld): void {
  describe('a permission in one namespace', () => {
    it('applies there, and neither elsewhere nor across all namespaces', async () => {
      const namespace = await world().newNamespace();
      const maps = `/api/v1/namespaces/${namespace}/configmaps`;
      const permission = { resources: ['configmaps'], verbs: ['get', 'list', 'create'], namespace };
      const { name, wire } = await world().server.userWith([permission]);
      const limited = new ContractClient(wire);
      const answers = [
        await limited.post(maps, { metadata: { name: 'a' } }),
        await limited.get(`${maps}/a`),
        await limited.get(maps),
        await limited.get('/api/v1/namespaces/default/configmaps'),
        await limited.get('/api/v1/configmaps'),
      ];
      expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 403, 403]);
      expect(answers[3]?.body['message']).toBe(
        `configmaps is forbidden: User "${name}" cannot list resource "configmaps" in API group "" ` +
          'in the namespace "default"',
      );
    });

    it('adds to the permissions that apply everywhere', async () => {
      const namespace = await world().newNamespace();
      const { wire } = await world().server.userWith([
        { resources: ['configmaps'], verbs: ['list'] },
        { resources: ['configmaps'], verbs: ['create'], namespace },
      ]);
      const limited = new ContractClient(wire);
      const body = { metadata: { name: 'a' } };
      const answers = [
        await limited.get('/api/v1/configmaps'),
        await limited.post(`/api/v1/namespaces/${namespace}/configmaps`, body),
        await limited.post('/api/v1/namespaces/default/configmaps', body),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 201, 403]);
    });

    it('covers its API group only, unless it names all groups', async () => {
      const namespace = await world().newNamespace();
      const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
      const statusWith = async (apiGroups: readonly string[]): Promise<number> => {
        const permission = { apiGroups, resources: ['leases'], verbs: ['*'], namespace };
        const { wire } = await world().server.userWith([permission]);
        return (await new ContractClient(wire).get(leases)).status;
      };
      expect([
        await statusWith(['']),
        await statusWith(['coordination.k8s.io']),
        await statusWith(['*']),
      ]).toEqual([403, 200, 200]);
    });
  });

  describe('a SelfSubjectAccessReview', () => {
    let namespace: string;
    const ask = (client: ContractClient, resourceAttributes: unknown): Promise<Answer> =>
      client.post(REVIEWS, { spec: { resourceAttributes } });
    const isAllowed = async (client: ContractClient, asked: object): Promise<boolean> => {
      const { status, body } = await ask(client, asked);
      if (status !== 201) throw new Error(`asking: ${status}`);
      return (body['status'] as { readonly allowed: boolean }).allowed;
    };
    beforeEach(async () => {
      namespace = await world().newNamespace();
    });

    it('allows every request of a user who may do everything', async () => {
      const attributes = { verb: 'get', resource: 'secrets', namespace };
      const { status, body } = await ask(world().client, attributes);
      const { managedFields: _, ...metadata } = body.metadata;

      expect(status).toBe(201);
      expect(body).toMatchObject({
        kind: 'SelfSubjectAccessReview',
        apiVersion: 'authorization.k8s.io/v1',
        spec: { resourceAttributes: attributes },
        status: { allowed: true },
      });
      expect(metadata).toEqual({});
    });

    it('allows no request of a user without permissions, and gives no reason', async () => {
      const { wire } = await world().server.userWith([]);
      const limited = new ContractClient(wire);
      const { body } = await ask(limited, { verb: 'get', resource: 'secrets', namespace });
      expect(body['status']).toEqual({ allowed: false });
    });

    it('considers name, namespace, group, resource and verb, and not the version', async () => {
      const { wire } = await world().server.userWith([{ ...LEASES, namespace }]);
      const limited = new ContractClient(wire);
      const permission = {
        verb: 'get',
        group: 'coordination.k8s.io',
        resource: 'leases',
        name: 'mine',
        namespace,
      };
      expect(await isAllowed(limited, permission)).toBe(true);
      expect(await isAllowed(limited, { ...permission, version: 'v9' })).toBe(true);
      for (const wrong of [
        { name: 'other' },
        { name: undefined },
        { namespace: 'default' },
        { namespace: undefined },
        { group: undefined },
        { resource: 'secrets' },
        { subresource: 'status' },
        { verb: 'delete' },
        { verb: '*' },
      ]) {
        expect({ wrong, allowed: await isAllowed(limited, { ...permission, ...wrong }) }).toEqual({
          wrong,
          allowed: false,
        });
      }
    });

    it('applies a cluster-wide permission in every namespace and across all', async () => {
      const { wire } = await world().server.userWith([{ resources: ['pods'], verbs: ['*'] }]);
      const limited = new ContractClient(wire);
      const permission = { verb: 'watch', resource: 'pods' };
      expect([
        await isAllowed(limited, permission),
        await isAllowed(limited, { ...permission, namespace }),
        await isAllowed(limited, { ...permission, verb: '*' }),
        await isAllowed(limited, { ...permission, resource: '*' }),
        await isAllowed(limited, { ...permission, group: '*' }),
      ]).toEqual([true, true, true, false, false]);
    });

    it('needs exactly one kind of attributes, and can only be created', async () => {
      const { client } = world();
      const nothing = await client.post(REVIEWS, { spec: {} });
      const list = await client.get(REVIEWS);
      const one = await client.get(`${REVIEWS}/one`);
      expect([nothing.status, list.status, one.status]).toEqual([422, 405, 404]);
      expect(nothing.body['message']).toBe(
        '.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: ' +
          'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      );
    });
  });
}
