/** The contract of GET and LIST. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { METADATA_ONLY, METADATA_ONLY_LIST, type KubeObject } from '../servers/contract-client.ts';
import {
  namesOf,
  namespaceOf,
  opaqueSecretOf,
  type ContractWorld,
} from '../servers/contract-world.ts';

const NAMESPACES = '/api/v1/namespaces';

export function describeReads(world: () => ContractWorld): void {
  describe('reading', () => {
    let namespace: string;
    beforeEach(async () => {
      namespace = await world().newNamespace();
    });

    it('answers a GET of a missing object with a 404 Status that names it', async () => {
      const { status, body } = await world().client.get(secretPath(namespace, 'none'));

      expect(status).toBe(404);
      expect(body).toMatchObject({
        kind: 'Status',
        status: 'Failure',
        reason: 'NotFound',
        message: 'secrets "none" not found',
        details: { name: 'none', kind: 'secrets' },
        code: 404,
      });
    });

    it('answers a resource that it does not serve with 404', async () => {
      const { status, body } = await world().client.get('/api/v1/nonsense');
      expect({ status, reason: body['reason'] }).toEqual({ status: 404, reason: 'NotFound' });
    });

    it('increments one version shared by all resources with each write', async () => {
      const { client } = world();
      const first = await client.post(secretsPath(namespace), opaqueSecretOf('first'));
      const account = { metadata: { name: 'account' } };
      const second = await client.post(`${NAMESPACES}/${namespace}/serviceaccounts`, account);
      const third = await client.merge(secretPath(namespace, 'first'), annotation('x', '1'));

      const versions = [first, second, third].map(versionOf);
      expect(versions).toEqual([...versions].sort((a, b) => a - b));
      expect(new Set(versions).size).toBe(3);
      expect(third.body.metadata.uid).toBe(first.body.metadata.uid);
    });

    it('lists with a version at least as new as every item, and items without kind', async () => {
      const { client } = world();
      const created = await client.post(secretsPath(namespace), opaqueSecretOf('one'));

      const { status, body } = await client.get(secretsPath(namespace));

      expect({ status, kind: body.kind }).toEqual({ status: 200, kind: 'SecretList' });
      expect(Number(body.metadata.resourceVersion)).toBeGreaterThanOrEqual(versionOf(created));
      expect(namesOf(body)).toEqual(['one']);
      expect(body.items?.[0]?.kind).toBeUndefined();
    });

    it('lists nothing for a namespace that does not exist', async () => {
      const { status, body } = await world().client.get(secretsPath('there-is-none'));
      expect({ status, items: body.items }).toEqual({ status: 200, items: [] });
    });

    it('selects by name across all namespaces', async () => {
      const { client } = world();
      const name = world().newName();
      const other = await world().newNamespace();
      await client.post(secretsPath(namespace), opaqueSecretOf(name));
      await client.post(secretsPath(namespace), opaqueSecretOf('another'));
      await client.post(secretsPath(other), opaqueSecretOf(name));

      const { body } = await client.get(`/api/v1/secrets?fieldSelector=metadata.name%3D${name}`);

      const homes = body.items?.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
      expect(homes).toEqual([`${namespace}/${name}`, `${other}/${name}`]);
    });

    it('selects by name in one namespace', async () => {
      const { client } = world();
      const [name, other] = [world().newName(), await world().newNamespace()];
      for (const home of [namespace, other]) {
        await client.post(secretsPath(home), opaqueSecretOf(name));
      }
      await client.post(secretsPath(namespace), opaqueSecretOf('another'));
      const selected = `${secretsPath(namespace)}?fieldSelector=metadata.name%3D${name}`;

      const { body } = await client.get(selected);
      const first = await client.get(`${selected}&limit=1`, METADATA_ONLY_LIST);

      const homes = body.items?.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
      expect(homes).toEqual([`${namespace}/${name}`]);
      expect(namesOf(first.body)).toEqual([name]);
      expect(first.body.metadata.continue).toBeUndefined();
    });

    it('refuses an unknown field selector with 400', async () => {
      const { status } = await world().client.get('/api/v1/secrets?fieldSelector=metadata.foo%3Da');
      expect(status).toBe(400);
    });

    it('returns only the metadata of one object or of a list if Accept asks for it', async () => {
      const { client } = world();
      const name = world().newName();
      await client.post(secretsPath(namespace), opaqueSecretOf(name));

      const one = await client.get(secretPath(namespace, name), METADATA_ONLY);
      const secrets = world().secretsAround(namespace);
      const selected = `${secrets}?fieldSelector=metadata.name%3D${name}`;
      const list = await client.get(selected, METADATA_ONLY_LIST);

      const apiVersion = 'meta.k8s.io/v1';
      expect(one.body).toMatchObject({ kind: 'PartialObjectMetadata', apiVersion });
      expect(Object.keys(one.body).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
      expect(one.body.metadata.managedFields).toHaveLength(1);
      expect(list.body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion });
      expect(list.body.items).toEqual([one.body]);
    });

    it('refuses the metadata form of an object for a list, and vice versa, with 406', async () => {
      const { client } = world();
      const list = await client.get('/api/v1/secrets', METADATA_ONLY);
      const one = await client.get(`${NAMESPACES}/${namespace}`, METADATA_ONLY_LIST);
      expect([list.status, one.status]).toEqual([406, 406]);
    });

    it('pins all pages of a list to the version of the first', async () => {
      const { client } = world();
      for (const name of ['a', 'b', 'c']) {
        await client.post(secretsPath(namespace), opaqueSecretOf(name));
      }

      const first = await client.get(`${secretsPath(namespace)}?limit=2`);
      await client.post(secretsPath(namespace), opaqueSecretOf('d'));
      await client.delete(secretPath(namespace, 'c'));
      const rest = await client.get(
        `${secretsPath(namespace)}?limit=2&continue=${first.body.metadata.continue}`,
      );

      expect(namesOf(first.body)).toEqual(['a', 'b']);
      expect(first.body.metadata.remainingItemCount).toBe(1);
      expect(namesOf(rest.body)).toEqual(['c']);
      expect(rest.body.metadata.continue).toBeUndefined();
      expect(rest.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
    });

    it('pages a list by name, too, and then does not report how many items are left', async () => {
      const { client } = world();
      const name = world().newName();
      for (const home of [namespace, await world().newNamespace()]) {
        await client.post(secretsPath(home), opaqueSecretOf(name));
      }
      const selected = `/api/v1/secrets?fieldSelector=metadata.name%3D${name}&limit=1`;

      const first = await client.get(selected, METADATA_ONLY_LIST);
      const rest = await client.get(
        `${selected}&continue=${first.body.metadata.continue}`,
        METADATA_ONLY_LIST,
      );

      expect([namesOf(first.body), namesOf(rest.body)]).toEqual([[name], [name]]);
      expect(first.body.metadata.remainingItemCount).toBeUndefined();
    });

    it('refuses an invalid continue token, or one together with a version, with 400', async () => {
      const { client } = world();
      const first = await client.get(`${NAMESPACES}?limit=1`);
      const token = first.body.metadata.continue;

      const junk = await client.get(`${NAMESPACES}?limit=1&continue=abc`);
      const both = await client.get(`${NAMESPACES}?limit=1&resourceVersion=1&continue=${token}`);

      expect([junk.status, both.status]).toEqual([400, 400]);
    });

    it('answers an expired continue token with 410 and a token to continue inconsistently', async () => {
      const { client } = world();
      const first = await client.get(`${NAMESPACES}?limit=2`);
      await client.post(NAMESPACES, namespaceOf(world().newName()));
      await world().server.forgetHistory();

      const expired = await client.get(
        `${NAMESPACES}?limit=2&continue=${first.body.metadata.continue}`,
      );
      const onwards = await client.get(
        `${NAMESPACES}?limit=2&continue=${expired.body.metadata.continue}`,
      );

      expect(expired.status).toBe(410);
      expect(expired.body).toMatchObject({ kind: 'Status', reason: 'Expired', code: 410 });
      expect(onwards.status).toBe(200);
      expect(Number(onwards.body.metadata.resourceVersion)).toBeGreaterThan(versionOf(first));
    }, 120_000);

    it('returns the whole list for version 0, whatever the limit', async () => {
      const { body } = await world().client.get(`${NAMESPACES}?limit=1&resourceVersion=0`);
      expect(body.items?.length).toBeGreaterThan(1);
      expect(body.metadata.continue).toBeUndefined();
    });

    it('lists in pages at its newest version for NotOlderThan', async () => {
      const { client } = world();
      const created = await client.post(secretsPath(namespace), opaqueSecretOf('one'));

      const { body } = await client.get(
        `/api/v1/secrets?limit=1&resourceVersion=${versionOf(created)}&resourceVersionMatch=NotOlderThan`,
      );

      expect(body.items).toHaveLength(1);
      expect(Number(body.metadata.resourceVersion)).toBeGreaterThanOrEqual(versionOf(created));
    });

    it('lists the past for Exact, and for a limit together with a version', async () => {
      const { client } = world();
      const created = await client.post(secretsPath(namespace), opaqueSecretOf('one'));
      await client.post(secretsPath(namespace), opaqueSecretOf('two'));
      const past = `${secretsPath(namespace)}?limit=9&resourceVersion=${versionOf(created)}`;

      const exact = await client.get(`${past}&resourceVersionMatch=Exact`);
      const implied = await client.get(past);

      expect(namesOf(exact.body)).toEqual(['one']);
      expect(namesOf(implied.body)).toEqual(['one']);
    });

    it('answers a version from the future with 504, a cause and Retry-After', async () => {
      const future = 'resourceVersion=999999999';
      const { client } = world();
      const list = await client.get(`${NAMESPACES}?${future}&resourceVersionMatch=NotOlderThan`);

      expect(list.status).toBe(504);
      expect(list.headers['retry-after']).toBe('1');
      expect(list.body).toMatchObject({
        reason: 'Timeout',
        details: {
          causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
          retryAfterSeconds: 1,
        },
      });
    }, 30_000);

    it('puts the time and the type of its answers into their headers', async () => {
      const { headers } = await world().client.get(NAMESPACES);
      expect(headers['content-type']).toBe('application/json');
      expect(new Date(headers['date'] ?? '').getTime()).toBeGreaterThan(0);
    });

    it('refuses an exact list of version 0, and an unknown match, with 422', async () => {
      const { client } = world();
      const zero = await client.get(`${NAMESPACES}?resourceVersion=0&resourceVersionMatch=Exact`);
      const other = await client.get(`${NAMESPACES}?resourceVersion=5&resourceVersionMatch=Other`);
      expect([zero.status, other.status]).toEqual([422, 422]);
    });

    it('refuses versions that are not numbers and a match without a version', async () => {
      const { client } = world();
      const junk = await client.get(`${NAMESPACES}?resourceVersion=abc`);
      const match = await client.get(`${NAMESPACES}?resourceVersionMatch=NotOlderThan`);
      expect([junk.status, match.status]).toEqual([400, 422]);
    });
  });
}

function secretsPath(namespace: string): string {
  return `${NAMESPACES}/${namespace}/secrets`;
}

function secretPath(namespace: string, name: string): string {
  return `${secretsPath(namespace)}/${name}`;
}

function annotation(key: string, value: string): unknown {
  return { metadata: { annotations: { [key]: value } } };
}

function versionOf({ body }: { readonly body: KubeObject }): number {
  return Number(body.metadata.resourceVersion);
}
