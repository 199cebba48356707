import { describe, expect, it } from '@jest/globals';
import { decodeProtobuf } from '../../../../simulator/http/protobuf-body.ts';

const text = (field: number, content: string | Buffer): Buffer => {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([field * 8 + 2, bytes.length]), bytes]);
};
const number = (field: number, value: number): Buffer => Buffer.from([field * 8, value]);
const envelope = (kind: string, raw: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('k8s\0', 'latin1'),
    text(1, Buffer.concat([text(1, 'v1'), text(2, kind)])),
    text(2, raw),
    text(3, ''),
  ]);

describe('decodeProtobuf', () => {
  it('reads kubectl’s requests, and leaves empty texts out', () => {
    const attributes = Buffer.concat([
      text(1, 'team-a'),
      text(2, 'list'),
      text(3, ''),
      text(5, 'pods'),
    ]);
    const raw = Buffer.concat([
      text(1, text(1, '')),
      text(2, text(1, attributes)),
      text(3, number(1, 0)),
    ]);

    expect(decodeProtobuf(envelope('SelfSubjectAccessReview', raw))).toEqual({
      apiVersion: 'v1',
      kind: 'SelfSubjectAccessReview',
      metadata: {},
      spec: { resourceAttributes: { namespace: 'team-a', verb: 'list', resource: 'pods' } },
    });
  });

  it('reads maps, and texts of more than 127 bytes', () => {
    const label = (key: string, value: string) =>
      text(11, Buffer.concat([text(1, key), text(2, value)]));
    const long = 'x'.repeat(200);
    const name = Buffer.concat([Buffer.from([10, 200, 1]), Buffer.from(long)]);
    const metadata = Buffer.concat([label('a', '1'), label('b', '')]);

    expect(decodeProtobuf(envelope('Namespace', text(1, metadata)))).toMatchObject({
      metadata: { labels: { a: '1', b: '' } },
    });
    const raw = Buffer.concat([Buffer.from([10, 203, 1]), name]);
    const whole = Buffer.concat([
      envelope('Namespace', Buffer.alloc(0)),
      Buffer.from([18, 206, 1]),
      raw,
    ]);
    expect(decodeProtobuf(whole)).toMatchObject({ metadata: { name: long } });
  });

  it('reports what it cannot decode', () => {
    expect(() => decodeProtobuf(envelope('Deployment', Buffer.alloc(0)))).toThrow(
      'does not decode Deployment from protobuf',
    );
    for (const junk of ['', '{}', 'k8s\0\n\u0001', 'k8s\0\n\u00ff', 'k8s\0\u000b', 'k8s\0\u00ff']) {
      expect(() => decodeProtobuf(Buffer.from(junk, 'latin1'))).toThrow(
        'is not Kubernetes protobuf',
      );
    }
  });
});
