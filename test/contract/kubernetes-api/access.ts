/** The contract of RBAC by name, on which our permissions on Secrets rely. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { namespaceRules } from '../../support/cluster/namespace-roles.ts';
import { ContractClient, METADATA_ONLY, METADATA_ONLY_LIST } from '../servers/contract-client.ts';
import { opaqueSecretOf, pullSecretOf, type ContractWorld } from '../servers/contract-world.ts';
import type { Permission } from '../servers/server-under-test.ts';

const NAME = 'by-name';
const ALL: Permission = {
  resources: ['secrets'],
  resourceNames: [NAME],
  verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
};

export function describeAccess(world: () => ContractWorld): void {
  describeNamespaceRole(world);
  describe('a permission on Secrets of one name', () => {
    let namespace: string;
    let secrets: string;
    let user: string;
    let limited: ContractClient;
    const become = async (permissions: readonly Permission[]): Promise<void> => {
      const { name, wire } = await world().server.userWith(permissions);
      user = name;
      limited = new ContractClient(wire);
    };
    beforeEach(async () => {
      namespace = await world().newNamespace();
      secrets = `/api/v1/namespaces/${namespace}/secrets`;
    });

    it('covers apply, read, patch and deletion of that name everywhere', async () => {
      await become([ALL]);
      const path = `${secrets}/${NAME}`;
      const answers = [
        await limited.apply(path, pullSecretOf(NAME, 'one')),
        await limited.get(path),
        await limited.merge(path, { metadata: { annotations: { b: '1' } } }),
        await limited.delete(path),
      ];
      expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 200]);
    });

    it('covers list and watch across all namespaces only with the name as field selector', async () => {
      await become([ALL]);
      const selected = `/api/v1/secrets?fieldSelector=metadata.name%3D${NAME}`;
      const listed = await limited.get(selected, METADATA_ONLY_LIST);
      const watched = await limited.watch(`${selected}&timeoutSeconds=1`);
      const everything = await limited.get('/api/v1/secrets');
      const watchedAll = await limited.watch('/api/v1/secrets?timeoutSeconds=1');
      const other = await limited.get('/api/v1/secrets?fieldSelector=metadata.name%3Dother');
      watched.leave();
      watchedAll.leave();

      expect([listed.status, watched.status]).toEqual([200, 200]);
      expect([everything.status, watchedAll.status, other.status]).toEqual([403, 403, 403]);
      expect(everything.body['message']).toBe(
        `secrets is forbidden: User "${user}" cannot list resource "secrets" in API group "" ` +
          'at the cluster scope',
      );
    });

    it('covers no POST, and no other name', async () => {
      await become([ALL]);
      await world().client.post(secrets, opaqueSecretOf('other'));
      const other = `${secrets}/other`;
      const answers = [
        await limited.post(secrets, opaqueSecretOf(NAME)),
        await limited.get(other),
        await limited.apply(other, pullSecretOf('other', 'one')),
        await limited.merge(other, { metadata: { labels: { l: '1' } } }),
        await limited.delete(other),
      ];
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
      expect(answers[1]?.body).toMatchObject({
        kind: 'Status',
        reason: 'Forbidden',
        message:
          `secrets "other" is forbidden: User "${user}" cannot get resource "secrets" ` +
          `in API group "" in the namespace "${namespace}"`,
        details: { name: 'other', kind: 'secrets' },
      });
    });

    it('needs the verb create for an apply that creates, and not for one that updates', async () => {
      await become([{ ...ALL, verbs: ['get', 'patch'] }]);
      const path = `${secrets}/${NAME}`;
      const creating = await limited.apply(path, pullSecretOf(NAME, 'one'));
      await world().client.apply(path, pullSecretOf(NAME, 'one'));
      const updating = await limited.apply(path, pullSecretOf(NAME, 'two'));

      expect([creating.status, updating.status]).toEqual([403, 200]);
      expect(creating.body['message']).toContain('cannot create resource "secrets"');
    });

    it('can allow list without watch', async () => {
      await become([{ ...ALL, verbs: ['list'] }]);
      const selected = `/api/v1/secrets?fieldSelector=metadata.name%3D${NAME}`;
      const watched = await limited.watch(`${selected}&timeoutSeconds=1`);
      watched.leave();
      expect([(await limited.get(selected)).status, watched.status]).toEqual([200, 403]);
    });
  });
}

/** What `namespaces.only` relies on: everything that the controller requests under a Role in one namespace. */
function describeNamespaceRole(world: () => ContractWorld): void {
  describe('a Role in one namespace', () => {
    let namespace: string;
    let home: string;
    let old: string;
    let limited: ContractClient;
    beforeEach(async () => {
      namespace = await world().newNamespace();
      home = `/api/v1/namespaces/${namespace}`;
      old = `/api/v1/watch/namespaces/${namespace}`;
      const rules = namespaceRules(namespace, NAME);
      const permissions = rules.map((rule) => ({ ...rule, namespace }));
      limited = new ContractClient((await world().server.userWith(permissions)).wire);
    });

    it('covers reading the namespace itself and watching it by the old path, but no list', async () => {
      const read = await limited.get(home, METADATA_ONLY);
      const watched = await limited.watch(`${old}?resourceVersion=0&timeoutSeconds=5`);
      const present = await watched.next();
      const refused = [
        await limited.get(`/api/v1/namespaces?fieldSelector=metadata.name%3D${namespace}`),
        await limited.get('/api/v1/namespaces'),
        await limited.get('/api/v1/namespaces/default'),
        await limited.get('/api/v1/namespaces/no-such-namespace'),
        await limited.merge(home, { metadata: { labels: { l: '1' } } }),
      ];
      const refusedWatches = [
        await limited.watch('/api/v1/watch/namespaces/default?timeoutSeconds=1'),
        await limited.watch(
          `/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3D${namespace}&timeoutSeconds=1`,
        ),
      ];
      for (const watch of [watched, ...refusedWatches]) watch.leave();

      expect([read.status, watched.status]).toEqual([200, 200]);
      expect(present).toMatchObject({
        type: 'ADDED',
        object: { kind: 'Namespace', metadata: { name: namespace, uid: read.body.metadata.uid } },
      });
      expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
      expect(refusedWatches.map(({ status }) => status)).toEqual([403, 403]);
    });

    it('covers everything that we do in the namespace, and nothing elsewhere', async () => {
      const secret = `${home}/secrets/${NAME}`;
      const selected = `secrets?fieldSelector=metadata.name%3D${NAME}`;
      const watched = await limited.watch(`${home}/${selected}&watch=true&timeoutSeconds=1`);
      const watchedAll = await limited.watch(`/api/v1/${selected}&watch=true&timeoutSeconds=1`);
      for (const watch of [watched, watchedAll]) watch.leave();
      const allowed = [
        await limited.get(`${home}/${selected}`, METADATA_ONLY_LIST),
        await limited.get(`${home}/serviceaccounts`),
        await limited.apply(secret, pullSecretOf(NAME, 'one')),
        await limited.get(secret),
        await limited.merge(secret, { metadata: { annotations: { b: '1' } } }),
        await limited.delete(secret),
      ];
      const refused = [
        await limited.get(`/api/v1/${selected}`, METADATA_ONLY_LIST),
        await limited.get('/api/v1/serviceaccounts'),
        await limited.get(`${home}/secrets`),
        await limited.get('/api/v1/namespaces/default/serviceaccounts'),
        await limited.apply(
          `/api/v1/namespaces/default/secrets/${NAME}`,
          pullSecretOf(NAME, 'one'),
        ),
      ];

      expect(allowed.map(({ status }) => status)).toEqual([200, 200, 201, 200, 200, 200]);
      expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
      expect([watched.status, watchedAll.status]).toEqual([200, 403]);
    });
  });
}
