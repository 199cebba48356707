/** The contract of `dryRun=All`: what a write would be answered, without the write. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { METADATA_ONLY } from '../servers/contract-client.ts';
import { opaqueSecretOf, pullSecretOf, type ContractWorld } from '../servers/contract-world.ts';

const DRY = 'dryRun=All';

export function describeDryRuns(world: () => ContractWorld): void {
  describe('a dry run', () => {
    let secrets: string;
    let path: string;
    beforeEach(async () => {
      secrets = `/api/v1/namespaces/${await world().newNamespace()}/secrets`;
      path = `${secrets}/tried`;
      await world().client.post(secrets, opaqueSecretOf('tried'));
    });

    it('of a merge patch answers with what it would write, and changes nothing', async () => {
      const { client } = world();
      const before = (await client.get(path)).body;
      const { status, body } = await client.merge(`${path}?${DRY}`, {
        metadata: { labels: { new: '1' }, resourceVersion: before.metadata.resourceVersion },
      });

      expect(status).toBe(200);
      expect(body.metadata.labels).toMatchObject({ new: '1' });
      expect((await client.get(path)).body).toEqual(before);
    });

    it('of an apply answers with what it would write, and changes or creates nothing', async () => {
      const { client } = world();
      const before = (await client.get(path)).body;
      const query = `fieldManager=us&force=true&${DRY}`;
      const labels = { metadata: { name: 'tried', labels: { new: '1' } } };
      const updated = await client.apply(
        path,
        { apiVersion: 'v1', kind: 'Secret', ...labels },
        query,
      );
      const created = await client.apply(`${secrets}/new`, pullSecretOf('new', 'one'), query);

      expect([updated.status, created.status]).toEqual([200, 201]);
      expect((await client.get(path)).body).toEqual(before);
      expect((await client.get(`${secrets}/new`)).status).toBe(404);
    });

    it('of a deletion answers as if the object were gone, and keeps it', async () => {
      const { client } = world();
      const before = (await client.get(path)).body;
      const { uid, resourceVersion } = before.metadata;
      const preconditions = { uid, resourceVersion };
      const options = { preconditions, dryRun: ['All'] };
      const { status, body } = await client.deleteWith(path, options, { accept: METADATA_ONLY });

      expect([status, body.kind, body['status']]).toEqual([200, 'Status', 'Success']);
      expect((await client.get(path)).body).toEqual(before);
    });

    it('of a deletion must be asked for in the body, if there is one: the query is ignored then', async () => {
      const { client } = world();
      const { uid } = (await client.get(path)).body.metadata;
      const kept = await client.delete(`${path}?${DRY}`);
      expect([kept.status, (await client.get(path)).status]).toEqual([200, 200]);

      const gone = await client.delete(`${path}?${DRY}`, { uid });
      expect([gone.status, (await client.get(path)).status]).toEqual([200, 404]);
    });

    it('is refused as the write itself would be: by preconditions, validation and missing objects', async () => {
      const { client } = world();
      const stale = { metadata: { resourceVersion: '1', labels: { l: '2' } } };
      const answers = [
        await client.merge(`${path}?${DRY}`, stale),
        await client.merge(`${path}?${DRY}`, { type: 'another' }),
        await client.merge(`${secrets}/none?${DRY}`, { metadata: {} }),
        await client.deleteWith(path, { preconditions: { uid: 'another' }, dryRun: ['All'] }),
        await client.deleteWith(`${secrets}/none`, { dryRun: ['All'] }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([409, 422, 404, 409, 404]);
    });
  });
}
