import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { frameOf } from '../../../../src/kubernetes/transport/read-object.ts';
import { parseWatchFrame } from '../../../../src/kubernetes/watch/watch-frame.ts';

const object = { metadata: { namespace: 'a', name: 'n', uid: 'u', resourceVersion: '5' } };

const meta = { namespace: 'a', name: 'n', uid: 'u', resourceVersion: '5' };
const parse = (text: string) => parseWatchFrame({ kind: 'whole', text });

describe('parseWatchFrame', () => {
  it.each(['ADDED', 'MODIFIED'])('reads %s as a change', (type) => {
    expect(parse(JSON.stringify({ type, object }))).toEqual({
      kind: 'changed',
      meta,
      item: { kind: 'parsed', object },
    });
  });

  it('reads deletions', () => {
    expect(parse(JSON.stringify({ type: 'DELETED', object }))).toEqual({ kind: 'deleted', meta });
  });

  it('knows which object is too large to be read, and whether it is deleted', () => {
    const large = (type: string, { uid = 'u' } = {}) =>
      parseWatchFrame(frameOf(type, { kind: 'tooLarge', meta: { ...meta, uid } }));

    expect(large('MODIFIED')).toEqual({ kind: 'changed', meta, item: { kind: 'tooLarge', meta } });
    expect(large('DELETED')).toEqual({ kind: 'deleted', meta });
    expect(large('BOOKMARK').kind).toBe('malformed');
    expect(large('MODIFIED', { uid: '' }).kind).toBe('malformed');
  });

  it('reads bookmarks, which have a version only', () => {
    const line = JSON.stringify({
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: '9' } },
    });

    expect(parse(line)).toEqual({ kind: 'bookmark', resourceVersion: '9' });
  });

  it('reads errors with their status', () => {
    const line = JSON.stringify({ type: 'ERROR', object: { code: 410 } });

    expect(parse(line)).toEqual({ kind: 'error', status: { code: 410 } });
  });

  it.each([
    'no json',
    '{"type":"ADDED"',
    'null',
    '[]',
    '{"type":"SURPRISE","object":{}}',
    '{"type":"ADDED","object":{"metadata":{"name":"n"}}}',
    '{"type":"MODIFIED","object":null}',
    '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":7}}}',
  ])('reports %s as malformed', (line) => {
    expect(parse(line).kind).toBe('malformed');
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `{"type":"ADDED","object":${json}}`),
        ),
        (line) => {
          expect(typeof parse(line).kind).toBe('string');
        },
      ),
    );
  });
});
