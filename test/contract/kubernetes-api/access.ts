/** The contract of RBAC by name: what our rights on Secrets rest on. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ContractClient, METADATA_ONLY_LIST } from './contract-client.ts';
import { opaqueSecretOf, pullSecretOf, type ContractWorld } from './contract-world.ts';
import type { Right } from './server-under-test.ts';

const NAME = 'by-name';
const ALL: Right = {
  resources: ['secrets'],
  resourceNames: [NAME],
  verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
};

export function describeAccess(world: () => ContractWorld): void {
  describe('a right on Secrets of one name', () => {
    let namespace: string;
    let secrets: string;
    let user: string;
    let limited: ContractClient;
    const become = async (rights: readonly Right[]): Promise<void> => {
      const { name, wire } = await world().server.userWith(rights);
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

    it('covers list and watch over all namespaces with the name as field selector, and only so', async () => {
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

    it('can be a right to list without one to watch', async () => {
      await become([{ ...ALL, verbs: ['list'] }]);
      const selected = `/api/v1/secrets?fieldSelector=metadata.name%3D${NAME}`;
      const watched = await limited.watch(`${selected}&timeoutSeconds=1`);
      watched.leave();
      expect([(await limited.get(selected)).status, watched.status]).toEqual([200, 403]);
    });
  });
}
