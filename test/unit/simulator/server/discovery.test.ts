import { describe, expect, it } from '@jest/globals';
import { discover } from '../../../../simulator/server/discovery.ts';
import { RESOURCE_KINDS } from '../../../../simulator/objects/resource-kinds.ts';

describe('discover', () => {
  it('leads to every kind that exists', () => {
    const groups = (
      discover('/apis', 'admin') as { groups: { preferredVersion: { groupVersion: string } }[] }
    ).groups;
    const paths = [
      '/api/v1',
      ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`),
    ];
    const lists = paths.map((path) => discover(path, 'admin') as { resources: { kind: string }[] });

    const found = lists.flatMap(({ resources }) => resources.map(({ kind }) => kind));
    expect(found.sort()).toEqual(RESOURCE_KINDS.map(({ kind }) => kind).sort());
  });

  it('returns nothing for paths of objects', () => {
    expect(discover('/api/v1/namespaces', 'admin')).toBeUndefined();
    expect(discover('/apis/nobody/v1', 'admin')).toBeUndefined();
  });

  it('gives an anonymous client only the version and the health', () => {
    expect(discover('/version', 'system:anonymous')).toMatchObject({ major: '1', minor: '36' });
    expect(discover('/readyz', 'system:anonymous')).toBe('ok');
    expect(() => discover('/apis', 'system:anonymous')).toThrow(
      'forbidden: User "system:anonymous" cannot get path "/apis"',
    );
  });
});
