/** The contract of `labelSelector` and `fieldSelector`, for LIST and WATCH. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ContractClient, METADATA_ONLY } from '../servers/contract-client.ts';
import { namesOf, type ContractWorld } from '../servers/contract-world.ts';

export function describeSelectors(world: () => ContractWorld): void {
  describe('selecting', () => {
    let namespace: string;
    let maps: string;
    const make = (name: string, labels: Readonly<Record<string, string>> = {}): Promise<unknown> =>
      world().client.post(maps, { metadata: { name, labels } });
    const select = async (query: Readonly<Record<string, string>>, path = maps) =>
      world().client.get(`${path}?${new URLSearchParams(query).toString()}`);
    beforeEach(async () => {
      namespace = await world().newNamespace();
      maps = `/api/v1/namespaces/${namespace}/configmaps`;
    });

    it.each([
      ['app=a', ['a']],
      ['app==a', ['a']],
      [' app = a ', ['a']],
      ['app!=a', ['b', 'none']],
      ['app', ['a', 'b']],
      ['!app', ['none']],
      ['app in (a,b)', ['a', 'b']],
      ['app in (b,)', ['b']],
      ['app in ()', []],
      ['app notin (a)', ['b', 'none']],
      ['app notin (a),app', ['b']],
      ['app=a,tier=1', ['a']],
      ['app=a,tier=2', []],
      ['app=', []],
      ['tier>1', ['b']],
      ['tier<2', ['a']],
      ['in=a', []],
      ['example.com/owner=x', ['none']],
      ['', ['a', 'b', 'none']],
    ])('accepts the label selector "%s"', async (labelSelector, expected) => {
      await make('a', { app: 'a', tier: '1' });
      await make('b', { app: 'b', tier: '2' });
      await make('none', { 'example.com/owner': 'x' });
      const { body } = await select({ labelSelector });
      expect(namesOf(body).filter((name) => name !== 'kube-root-ca.crt')).toEqual(expected);
    });

    it.each([
      'app=a b',
      'app=a=b',
      'a b',
      'app=a,',
      ',',
      'app in',
      'app in (a',
      'app=(a)',
      'tier>x',
      '-app=a',
      'app=-a',
    ])('refuses the label selector "%s" with 400', async (labelSelector) => {
      const { status, body } = await select({ labelSelector });
      expect({ status, reason: body['reason'] }).toEqual({ status: 400, reason: 'BadRequest' });
    });

    it('pages a list by label, and does not report how many items are left', async () => {
      for (const name of ['a', 'b', 'c']) await make(name, { app: name === 'b' ? 'y' : 'x' });
      const first = await select({ labelSelector: 'app=x', limit: '1' });
      const token = first.body.metadata.continue ?? '';
      const rest = await select({ labelSelector: 'app=x', limit: '1', continue: token });

      expect([namesOf(first.body), namesOf(rest.body)]).toEqual([['a'], ['c']]);
      expect(first.body.metadata.remainingItemCount).toBeUndefined();
      expect(rest.body.metadata.continue).toBeUndefined();
    });

    it.each([
      ['metadata.name=a', ['a']],
      ['metadata.name==a', ['a']],
      ['metadata.name!=a,metadata.name!=kube-root-ca.crt', ['b']],
      ['metadata.name=a,metadata.namespace=default', []],
      ['metadata.name=a,metadata.name=b', []],
      ['metadata.name=a,', ['a']],
      ['metadata.name=', []],
    ])('accepts the field selector "%s"', async (fieldSelector, expected) => {
      await make('a');
      await make('b');
      expect(namesOf((await select({ fieldSelector })).body)).toEqual(expected);
    });

    it.each(['metadata.name', 'metadata.uid=a', 'metadata.name = a', 'metadata.name=\\x'])(
      'refuses the field selector "%s" with 400',
      async (fieldSelector) => {
        const { status, body } = await select({ fieldSelector });
        expect({ status, reason: body['reason'] }).toEqual({ status: 400, reason: 'BadRequest' });
      },
    );

    it('refuses fields that do not select this kind with 400', async () => {
      const refusals = await Promise.all(
        ['pods', 'secrets', 'events', 'namespaces'].map((resource) =>
          select({ fieldSelector: 'spec.x=1' }, `/api/v1/${resource}`),
        ),
      );
      const ofNamespace = await select(
        { fieldSelector: 'metadata.namespace=a' },
        '/api/v1/namespaces',
      );
      for (const { status } of [...refusals, ofNamespace]) expect(status).toBe(400);
    });

    it('selects Events by their object, type and reason', async () => {
      const { client } = world();
      const events = `/api/v1/namespaces/${namespace}/events`;
      const involvedObject = { kind: 'Namespace', name: namespace, namespace, uid: 'u-1' };
      const about = { kind: 'ServiceAccount', name: 'default', namespace };
      const [type, reason] = ['Warning', 'Stalled'];
      await client.post(events, { metadata: { name: 'a' }, involvedObject, type, reason });
      await client.post(events, {
        metadata: { name: 'b' },
        involvedObject: about,
        type: 'Normal',
        reason: 'Told',
        source: { component: 'us' },
      });
      const by = async (fieldSelector: string): Promise<readonly string[]> =>
        namesOf((await select({ fieldSelector }, events)).body);

      expect(await by(`involvedObject.kind=Namespace,involvedObject.name=${namespace}`)).toEqual([
        'a',
      ]);
      expect(await by('involvedObject.uid=u-1')).toEqual(['a']);
      expect(await by(`involvedObject.namespace=${namespace}`)).toEqual(['a', 'b']);
      expect(await by('type!=Normal')).toEqual(['a']);
      expect(await by('reason=Told')).toEqual(['b']);
      expect(await by('source=us')).toEqual(['b']);
      expect(await by('reportingComponent=')).toEqual(['a', 'b']);
    });

    it('selects Pods by node and phase, Secrets by type, and namespaces by phase', async () => {
      const { client } = world();
      const home = await world().newHome();
      const pod = (name: string, nodeName?: string): unknown => ({
        metadata: { name },
        spec: { nodeName, containers: [{ name: 'main', image: 'app' }] },
      });
      await client.post(`${home}/pods`, pod('placed', 'node-1'));
      await client.post(`${home}/pods`, pod('pending'));
      await client.post(`${home}/secrets`, { metadata: { name: 'typed' }, type: 'example.com/x' });
      const by = async (resource: string, fieldSelector: string): Promise<readonly string[]> =>
        namesOf((await select({ fieldSelector }, `${home}/${resource}`)).body);
      const homeName = home.split('/').at(-1) ?? '';
      const active = `metadata.name=${homeName},status.phase=Active`;

      expect(await by('pods', 'spec.nodeName=node-1')).toEqual(['placed']);
      expect(await by('pods', 'spec.nodeName=')).toEqual(['pending']);
      expect(await by('pods', 'status.phase=Pending')).toEqual(['pending', 'placed']);
      expect(await by('pods', 'spec.serviceAccountName=default,spec.nodeName!=')).toEqual([
        'placed',
      ]);
      expect(await by('secrets', 'type=example.com/x')).toEqual(['typed']);
      expect(namesOf((await select({ fieldSelector: active }, '/api/v1/namespaces')).body)).toEqual(
        [homeName],
      );
    });

    it('sends a watch by label ADDED when an object starts to match and DELETED when it stops', async () => {
      const { client } = world();
      const from = await world().currentVersion();
      await make('moving');
      const path = `${maps}/moving`;
      const label = async (labels: unknown) =>
        (await client.merge(path, { metadata: { labels } })).body;
      const begins = await label({ w: '1' });
      const within = await label({ v: '1' });
      const ends = await label({ w: null });
      await label({ v: '2' });
      const again = await label({ w: '1' });
      await client.delete(path);
      const watch = await client.watch(`${maps}?resourceVersion=${from}&labelSelector=w%3D1`);
      const frames = await watch.take(5);
      watch.leave();

      expect(frames.map(({ type }) => type)).toEqual([
        'ADDED',
        'MODIFIED',
        'DELETED',
        'ADDED',
        'DELETED',
      ]);
      expect([frames[0], frames[1], frames[3]].map((frame) => frame?.object)).toEqual([
        begins,
        within,
        again,
      ]);
      // The object as it was when it matched, with the version of the change.
      const { resourceVersion } = ends.metadata;
      expect(frames[2]?.object).toEqual({
        ...within,
        metadata: { ...within.metadata, resourceVersion },
      });
    });

    it('starts a watch by label with what matches now, also in metadata form', async () => {
      await make('matching', { w: '1' });
      await make('other', { w: '2' });
      const query = 'labelSelector=w%3D1&allowWatchBookmarks=true';
      const watch = await world().client.watch(`${maps}?${query}`, METADATA_ONLY);
      const [present, bookmark] = await watch.take(2);
      watch.leave();
      expect(present).toMatchObject({
        type: 'ADDED',
        object: { kind: 'PartialObjectMetadata', metadata: { name: 'matching' } },
      });
      expect(bookmark?.type).toBe('BOOKMARK');
    });

    it('sends a watch nothing that its field selector excludes', async () => {
      const { client } = world();
      const from = await world().currentVersion();
      const excluded = 'metadata.name%21%3Da%2Cmetadata.name%21%3Dkube-root-ca.crt';
      await make('a');
      await make('b');
      const watch = await client.watch(`${maps}?resourceVersion=${from}&fieldSelector=${excluded}`);
      const frame = await watch.next();
      watch.leave();
      expect(frame?.object.metadata.name).toBe('b');
    });

    it('refuses a watch with an unknown selector with 400', async () => {
      const { client } = world();
      const label = await client.watch(`${maps}?labelSelector=a%20b`);
      const field = await client.watch(`${maps}?fieldSelector=a%3Db`);
      label.leave();
      field.leave();
      expect([label.status, field.status]).toEqual([400, 400]);
    });

    it('checks the permission before the selector', async () => {
      const { wire } = await world().server.userWith([]);
      const limited = new ContractClient(wire);
      const { status } = await limited.get(`${maps}?fieldSelector=metadata.name`);
      expect(status).toBe(403);
    });
  });
}
