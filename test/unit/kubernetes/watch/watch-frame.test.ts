import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseWatchFrame } from '../../../../src/kubernetes/watch/watch-frame.ts';

const object = { metadata: { namespace: 'a', name: 'n', uid: 'u', resourceVersion: '5' } };

describe('parseWatchFrame', () => {
  it.each([
    ['ADDED', 'changed'],
    ['MODIFIED', 'changed'],
    ['DELETED', 'deleted'],
  ])('reads %s as %s', (type, kind) => {
    expect(parseWatchFrame(JSON.stringify({ type, object }))).toEqual({
      kind,
      object,
      meta: { namespace: 'a', name: 'n', uid: 'u', resourceVersion: '5' },
    });
  });

  it('reads bookmarks, which have a version only', () => {
    const line = JSON.stringify({
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: '9' } },
    });

    expect(parseWatchFrame(line)).toEqual({ kind: 'bookmark', resourceVersion: '9' });
  });

  it('reads errors with their status', () => {
    const line = JSON.stringify({ type: 'ERROR', object: { code: 410 } });

    expect(parseWatchFrame(line)).toEqual({ kind: 'error', status: { code: 410 } });
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
    expect(parseWatchFrame(line).kind).toBe('malformed');
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
          expect(typeof parseWatchFrame(line).kind).toBe('string');
        },
      ),
    );
  });
});
