/** The contract of namespaces and what lives in them, including ServiceAccounts. */
import { describe, expect, it } from '@jest/globals';
import {
  namespaceOf,
  opaqueSecretOf,
  pullSecretOf,
  type ContractWorld,
} from '../servers/contract-world.ts';

export function describeNamespaces(world: () => ContractWorld): void {
  describe('namespaces', () => {
    it('soon get their name as a label and a default ServiceAccount', async () => {
      const { client } = world();
      const name = world().newName();
      const { body } = await client.post('/api/v1/namespaces', namespaceOf(name));
      const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;

      await world().until(async () => (await client.get(account)).status === 200);

      expect(body.metadata.labels).toEqual({ 'kubernetes.io/metadata.name': name });
      expect(body['status']).toEqual({ phase: 'Active' });
      const again = await client.post('/api/v1/namespaces', namespaceOf(name));
      expect(again.status).toBe(409);
    }, 60_000);

    it('get a new default ServiceAccount when theirs is deleted', async () => {
      const { client } = world();
      const account = `/api/v1/namespaces/${await world().newNamespace()}/serviceaccounts/default`;
      await world().until(async () => (await client.get(account)).status === 200);
      const { body } = await client.delete(account);

      await world().until(async () => (await client.get(account)).status === 200);

      expect(body.kind).toBe('ServiceAccount');
      expect((await client.get(account)).body.metadata.uid).not.toBe(body.metadata.uid);
    }, 60_000);

    it('accept nothing new while they terminate, and disappear with everything in them', async () => {
      const { client } = world();
      const name = await world().newNamespace();
      const home = `/api/v1/namespaces/${name}`;
      const account = `${home}/serviceaccounts/default`;
      await world().until(async () => (await client.get(account)).status === 200);
      await client.post(`${home}/secrets`, opaqueSecretOf('held'));

      const deletion = await client.delete(home);
      const applied = await client.apply(`${home}/secrets/new`, pullSecretOf('new', 'one'));
      const posted = await client.post(`${home}/secrets`, opaqueSecretOf('new'));
      const patched = await client.merge(account, { imagePullSecrets: [{ name: 'new' }] });

      expect(deletion.body).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } });
      expect(deletion.body.metadata.deletionTimestamp).toBeDefined();
      expect([applied.status, posted.status, patched.status]).toEqual([403, 403, 200]);
      expect(applied.body['details']).toEqual({
        name: 'new',
        kind: 'secrets',
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${name} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      });
      await world().until(async () => (await client.get(home)).status === 404);
      expect((await client.get(`${home}/secrets`)).body.items).toEqual([]);
      expect((await client.get(`${home}/serviceaccounts`)).body.items).toEqual([]);
    }, 60_000);

    it('disappear with their Pods, ConfigMaps, Leases and Events', async () => {
      const { client } = world();
      const home = await world().newHome();
      const namespace = home.split('/').at(-1) ?? '';
      const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
      const metadata = { name: 'held' };
      const created = [
        await client.post(`${home}/pods`, {
          metadata,
          spec: { containers: [{ name: 'main', image: 'app' }] },
        }),
        await client.post(`${home}/configmaps`, { metadata }),
        await client.post(leases, { metadata }),
        await client.post(`${home}/events`, { metadata, involvedObject: { namespace } }),
      ];
      await client.delete(home);
      await world().until(async () => (await client.get(home)).status === 404);

      expect(created.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
      for (const path of [`${home}/pods`, `${home}/configmaps`, leases, `${home}/events`]) {
        expect((await client.get(path)).body.items).toEqual([]);
      }
    }, 60_000);

    it('stay while a finalizer holds an object in them', async () => {
      const { client } = world();
      const home = `/api/v1/namespaces/${await world().newNamespace()}`;
      const held = `${home}/secrets/held`;
      const metadata = { name: 'held', finalizers: ['example.com/held'] };
      await client.post(`${home}/secrets`, { metadata });
      await client.post(`${home}/secrets`, opaqueSecretOf('free'));
      await client.delete(home);
      await world().until(async () => (await client.get(`${home}/secrets/free`)).status === 404);

      const waiting = await client.get(home);
      const marked = await client.get(held);
      await client.merge(held, { metadata: { finalizers: null } });
      await world().until(async () => (await client.get(home)).status === 404, 60_000);

      expect(waiting.body['status']).toMatchObject({ phase: 'Terminating' });
      expect(marked.body.metadata.deletionTimestamp).toBeDefined();
    }, 90_000);

    it('have another UID when re-created under the same name', async () => {
      const { client } = world();
      const name = await world().newNamespace();
      const home = `/api/v1/namespaces/${name}`;
      const before = (await client.get(home)).body.metadata.uid;
      await client.delete(home);
      await world().until(async () => (await client.get(home)).status === 404);

      const { body } = await client.post('/api/v1/namespaces', namespaceOf(name));

      expect(body.metadata.uid).not.toBe(before);
    }, 60_000);
  });
}

export function describeServiceAccounts(world: () => ContractWorld): void {
  describe('ServiceAccounts', () => {
    const entries = [{ name: 'theirs' }, { name: 'ours' }];

    it('accept a whole new list under the right version, and refuse a stale one with 409', async () => {
      const { client } = world();
      const accounts = `/api/v1/namespaces/${await world().newNamespace()}/serviceaccounts`;
      const account = `${accounts}/account`;
      const theirs = { metadata: { name: 'account' }, imagePullSecrets: entries.slice(0, 1) };
      const { resourceVersion } = (await client.post(accounts, theirs)).body.metadata;
      const patch = { metadata: { resourceVersion }, imagePullSecrets: entries };

      const attached = await client.merge(account, patch);
      const stale = await client.merge(account, { ...patch, imagePullSecrets: [] });

      expect(attached.body['imagePullSecrets']).toEqual(entries);
      expect([attached.status, stale.status]).toEqual([200, 409]);
    });

    it('keep duplicates, and lose the list when it is emptied', async () => {
      const { client } = world();
      const accounts = `/api/v1/namespaces/${await world().newNamespace()}/serviceaccounts`;
      await client.post(accounts, { metadata: { name: 'account' } });
      const doubles = { imagePullSecrets: [...entries, ...entries] };

      const doubled = await client.merge(`${accounts}/account`, doubles);
      const emptied = await client.merge(`${accounts}/account`, { imagePullSecrets: [] });

      expect(doubled.body['imagePullSecrets']).toEqual(doubles.imagePullSecrets);
      expect(emptied.body['imagePullSecrets']).toBeUndefined();
    });

    it('have no managedFields if they were created without content, whoever patches them later', async () => {
      const { client } = world();
      const accounts = `/api/v1/namespaces/${await world().newNamespace()}/serviceaccounts`;
      const bare = await client.post(accounts, { metadata: { name: 'bare' } });
      const patched = await client.merge(`${accounts}/bare`, { imagePullSecrets: entries });
      const annotations = { by: 'somebody' };
      const full = await client.post(accounts, { metadata: { name: 'full', annotations } });

      expect(bare.body.metadata.managedFields).toBeUndefined();
      expect(patched.body.metadata.managedFields).toBeUndefined();
      expect(full.body.metadata.managedFields).toHaveLength(1);
    });
  });
}
