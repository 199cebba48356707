/** The contract of WATCH. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { METADATA_ONLY, METADATA_ONLY_LIST, type Frame } from '../servers/contract-client.ts';
import { namespaceOf, opaqueSecretOf, type ContractWorld } from '../servers/contract-world.ts';

export function describeWatches(world: () => ContractWorld): void {
  describeNamespaceWatch(world);
  describe('watching', () => {
    let secrets: string;
    let name: string;
    let selected: string;
    beforeEach(async () => {
      const namespace = await world().newNamespace();
      secrets = `/api/v1/namespaces/${namespace}/secrets`;
      name = world().newName();
      selected = `${world().secretsAround(namespace)}?fieldSelector=metadata.name%3D${name}`;
    });

    it('sends every change of the selected name after the version, in order', async () => {
      const { client } = world();
      await client.post(secrets, opaqueSecretOf('before'));
      const from = await world().currentVersion();
      const added = await client.post(secrets, opaqueSecretOf(name));
      await client.post(secrets, opaqueSecretOf('another'));
      const watch = await client.watch(`${selected}&resourceVersion=${from}`);
      const modified = await client.merge(`${secrets}/${name}`, {
        metadata: { labels: { l: '1' } },
      });
      await client.delete(`${secrets}/${name}`);

      const frames = await watch.take(3);

      watch.leave();
      expect(watch.status).toBe(200);
      expect(frames.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
      expect(frames.slice(0, 2).map(({ object }) => object)).toEqual([added.body, modified.body]);
      const { resourceVersion, ...deleted } = frames[2]?.object.metadata ?? added.body.metadata;
      const { resourceVersion: before, ...last } = modified.body.metadata;
      expect(deleted).toEqual(last);
      expect(Number(resourceVersion)).toBeGreaterThan(Number(before));
    });

    it('starts with the present objects, and a bookmark that marks their end, if no version is given', async () => {
      const { client } = world();
      const created = await client.post(secrets, opaqueSecretOf(name));

      const watch = await client.watch(`${selected}&allowWatchBookmarks=true`);
      const [present, bookmark] = await watch.take(2);

      watch.leave();
      expect(present).toEqual({ type: 'ADDED', object: created.body });
      expectEndOfInitialEvents(bookmark);
    });

    it('does the same for version 0 and for sendInitialEvents', async () => {
      const { client } = world();
      await client.post(secrets, opaqueSecretOf(name));
      for (const how of [
        'resourceVersion=0',
        'sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
      ]) {
        const watch = await client.watch(`${selected}&allowWatchBookmarks=true&${how}`);
        const [present, bookmark] = await watch.take(2);
        watch.leave();
        expect(present?.type).toBe('ADDED');
        expectEndOfInitialEvents(bookmark);
      }
    });

    it('continues from a bookmark, and from the version of a list, without repeating anything', async () => {
      const { client } = world();
      await client.post(secrets, opaqueSecretOf(name));
      const first = await client.watch(`${selected}&allowWatchBookmarks=true`);
      const bookmark = (await first.take(2))[1];
      first.leave();
      const listed = (await client.get(selected)).body.metadata.resourceVersion;
      await client.merge(`${secrets}/${name}`, { metadata: { labels: { l: '1' } } });

      for (const version of [bookmark?.object.metadata.resourceVersion, listed]) {
        const watch = await client.watch(`${selected}&resourceVersion=${version}`);
        const frame = await watch.next();
        watch.leave();
        expect(frame).toMatchObject({
          type: 'MODIFIED',
          object: { metadata: { labels: { l: '1' } } },
        });
      }
    });

    it('sends only metadata, even in bookmarks, for either form of the Accept header', async () => {
      const { client } = world();
      await client.post(secrets, opaqueSecretOf(name));
      for (const accept of [METADATA_ONLY, METADATA_ONLY_LIST]) {
        const watch = await client.watch(`${selected}&allowWatchBookmarks=true`, accept);
        const frames = await watch.take(2);
        watch.leave();
        for (const { object } of frames) {
          expect(object).toMatchObject({
            kind: 'PartialObjectMetadata',
            apiVersion: 'meta.k8s.io/v1',
          });
          expect(Object.keys(object).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
        }
      }
    });

    it('watches only one namespace if the path names one', async () => {
      const { client } = world();
      const other = `/api/v1/namespaces/${await world().newNamespace()}/secrets`;
      const watch = await client.watch(
        `${secrets}?resourceVersion=${await world().currentVersion()}`,
      );
      await client.post(other, opaqueSecretOf(name));
      await client.post(secrets, opaqueSecretOf(name));

      const frame = await watch.next();

      watch.leave();
      expect(`/api/v1/namespaces/${frame?.object.metadata.namespace}/secrets`).toBe(secrets);
    });

    it('ends cleanly after timeoutSeconds', async () => {
      const { client } = world();
      const from = await world().currentVersion();
      const watch = await client.watch(`${selected}&resourceVersion=${from}&timeoutSeconds=1`);

      const [end] = await Promise.all([watch.next(), world().server.passTime(1_500)]);

      expect(end).toBeUndefined();
    });

    it('answers a compacted version with 200 and an ERROR frame of code 410, and ends', async () => {
      const { client } = world();
      const from = await world().currentVersion();
      await client.post(secrets, opaqueSecretOf(name));
      await world().server.forgetHistory();

      const watch = await client.watch(`${selected}&resourceVersion=${from}`);
      const [error, end] = [await watch.next(), await watch.next()];

      expect(watch.status).toBe(200);
      expect(error).toMatchObject({
        type: 'ERROR',
        object: { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 },
      });
      expect(end).toBeUndefined();
    }, 120_000);

    it('accepts a version from the future and is silent', async () => {
      const path = `${selected}&resourceVersion=999999999&timeoutSeconds=1`;
      const watch = await world().client.watch(path);

      const [end] = await Promise.all([watch.next(), world().server.passTime(1_500)]);

      expect({ status: watch.status, end }).toEqual({ status: 200, end: undefined });
    });

    it('refuses a version that is not a number with 500, and initial events without a match with 422', async () => {
      const { client } = world();
      const junk = await client.watch(`${selected}&resourceVersion=abc`);
      const initial = await client.watch(`${selected}&sendInitialEvents=true`);
      junk.leave();
      initial.leave();
      expect([junk.status, initial.status]).toEqual([500, 422]);
    });
  });
}

/** A separate chapter, since it takes a real server a minute. */
export function describeQuietWatches(world: () => ContractWorld): void {
  describe('watching a quiet resource', () => {
    it('sends a bookmark now and then, with a newer version and nothing else', async () => {
      const { client } = world();
      const namespace = await world().newNamespace();
      const secrets = `/api/v1/namespaces/${namespace}/secrets`;
      const around = world().secretsAround(namespace);
      const selected = `${around}?fieldSelector=metadata.name%3D${world().newName()}`;
      const from = await world().currentVersion();
      const watch = await client.watch(
        `${selected}&resourceVersion=${from}&allowWatchBookmarks=true&timeoutSeconds=600`,
        METADATA_ONLY,
      );
      await client.post(secrets, opaqueSecretOf('another'));
      const seen: Frame[] = [];
      void watch.next().then((frame) => frame !== undefined && seen.push(frame));

      await world().until(() => Promise.resolve(seen.length > 0), 180_000);

      const [bookmark] = seen;
      watch.leave();
      expect(bookmark?.type).toBe('BOOKMARK');
      expect(Number(bookmark?.object.metadata.resourceVersion)).toBeGreaterThan(Number(from));
      expect(Object.keys(bookmark?.object.metadata ?? {})).toEqual(['resourceVersion']);
    }, 200_000);
  });
}

function expectEndOfInitialEvents(frame: Frame | undefined): void {
  expect(frame?.type).toBe('BOOKMARK');
  expect(frame?.object.metadata).toEqual({
    resourceVersion: expect.stringMatching(/^\d+$/),
    annotations: { 'k8s.io/initial-events-end': 'true' },
  });
}

/** The old path, which belongs to the namespace that it names, so that a Role can allow it. */
function describeNamespaceWatch(world: () => ContractWorld): void {
  describe('watching one namespace by the old path', () => {
    const pathOf = (name: string): string => `/api/v1/watch/namespaces/${name}`;
    const annotate = (name: string, value: string) =>
      world().client.merge(`/api/v1/namespaces/${name}`, {
        metadata: { annotations: { a: value } },
      });

    it('starts with the present namespace for version 0, and sends every change until its deletion', async () => {
      const { client } = world();
      const [name, other] = [await world().newNamespace(), await world().newNamespace()];
      const { metadata } = (await client.get(`/api/v1/namespaces/${name}`)).body;
      const watch = await client.watch(`${pathOf(name)}?resourceVersion=0`, METADATA_ONLY);
      const present = await watch.next();
      await annotate(other, '1');
      await annotate(name, '1');
      const changed = await watch.next();
      await client.delete(`/api/v1/namespaces/${name}`);
      await world().until(async () => {
        return (await client.get(`/api/v1/namespaces/${name}`)).status === 404;
      });
      let last = await watch.next();
      while (last?.type === 'MODIFIED') last = await watch.next();
      watch.leave();

      expect([present?.type, changed?.type, last?.type]).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
      expect(present?.object).toMatchObject({
        kind: 'PartialObjectMetadata',
        metadata: { name, uid: metadata.uid },
      });
      expect(changed?.object.metadata).toMatchObject({ name, annotations: { a: '1' } });
      expect(last?.object.metadata.uid).toBe(metadata.uid);
    });

    it('continues from a version', async () => {
      const { client } = world();
      const name = await world().newNamespace();
      const from = await world().currentVersion();
      await annotate(name, '1');
      const watch = await client.watch(`${pathOf(name)}?resourceVersion=${from}`);
      const frame = await watch.next();
      watch.leave();

      expect(frame).toMatchObject({ type: 'MODIFIED', object: { metadata: { name } } });
    });

    it('works for a namespace that does not exist yet, and sends its creation', async () => {
      const { client } = world();
      const name = world().newName();
      const watch = await client.watch(`${pathOf(name)}?resourceVersion=0`);
      await client.post('/api/v1/namespaces', namespaceOf(name));
      const frame = await watch.next();
      watch.leave();

      expect(watch.status).toBe(200);
      expect(frame).toMatchObject({ type: 'ADDED', object: { metadata: { name } } });
    });

    it('accepts only GET', async () => {
      const name = await world().newNamespace();
      expect((await world().client.post(pathOf(name), namespaceOf(name))).status).toBe(405);
    });
  });
}
