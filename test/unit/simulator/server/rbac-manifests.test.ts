/** RBAC from manifests: what bindings and roles allow one user. */
import { describe, expect, it } from '@jest/globals';
import { isAllowed } from '../../../../simulator/requests/access.ts';
import { rulesOfUser } from '../../../../simulator/server/rbac-manifests.ts';
import { OUR_USER, readInstallation } from '../../../support/cluster/install.ts';

const apiVersion = 'rbac.authorization.k8s.io/v1';
const USER = 'system:serviceaccount:team:robot';
const READ = { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] };

function role(kind: string, name: string, namespace?: string): object {
  const rules = [{ ...READ, resources: [`${kind} ${namespace}`] }];
  return { apiVersion, kind, metadata: { name, namespace }, rules };
}

function binding(
  kind: string,
  roleKind: string,
  { namespace, subjects }: { readonly namespace?: string; readonly subjects: readonly object[] },
): object {
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: roleKind, name: 'reader' };
  return { apiVersion, kind, metadata: { name: 'binding', namespace }, roleRef, subjects };
}

const ROBOT = { kind: 'ServiceAccount', name: 'robot', namespace: 'team' };

describe('rulesOfUser', () => {
  it('grants a ClusterRoleBinding’s rules everywhere', () => {
    const bound = binding('ClusterRoleBinding', 'ClusterRole', { subjects: [ROBOT] });
    expect(rulesOfUser([role('ClusterRole', 'reader'), bound], USER)).toEqual([
      { ...READ, resources: ['ClusterRole undefined'] },
    ]);
  });

  it('grants a RoleBinding’s rules in its namespace, including those of a ClusterRole', () => {
    const parts = { namespace: 'team', subjects: [ROBOT] };
    const objects = [
      role('Role', 'reader', 'team'),
      role('Role', 'reader', 'other'),
      role('ClusterRole', 'reader'),
      binding('RoleBinding', 'Role', parts),
      binding('RoleBinding', 'ClusterRole', parts),
    ];
    const rules = rulesOfUser(objects, USER);
    expect(rules.map(({ namespace, resources }) => [namespace, ...resources])).toEqual([
      ['team', 'Role team'],
      ['team', 'ClusterRole undefined'],
    ]);
  });

  it('knows users by name, and ServiceAccounts by the groups that a server puts them in', () => {
    const grants = (subject: object, user: string): number =>
      rulesOfUser(
        [
          role('ClusterRole', 'reader'),
          binding('ClusterRoleBinding', 'ClusterRole', { subjects: [subject] }),
        ],
        user,
      ).length;
    const group = (name: string): object => ({ kind: 'Group', name });

    expect(grants({ kind: 'User', name: 'jane' }, 'jane')).toBe(1);
    expect(grants({ kind: 'User', name: 'jane' }, 'john')).toBe(0);
    expect(grants(group('system:serviceaccounts'), USER)).toBe(1);
    expect(grants(group('system:serviceaccounts:team'), USER)).toBe(1);
    expect(grants(group('system:serviceaccounts:other'), USER)).toBe(0);
    expect(grants(group('system:serviceaccounts'), 'jane')).toBe(0);
    expect(grants(group('system:authenticated'), 'jane')).toBe(1);
  });

  it('grants nothing if the role is missing, and skips what is not RBAC', () => {
    const bound = binding('ClusterRoleBinding', 'ClusterRole', { subjects: [ROBOT] });
    const other = { apiVersion: 'v1', kind: 'ClusterRole', metadata: { name: 'reader' } };
    expect(rulesOfUser([other, bound], USER)).toEqual([]);
  });

  it('reads from our installation the permission on Secrets of one name, and on no other', async () => {
    const rules = rulesOfUser(await readInstallation(), OUR_USER);
    const may = (name: string): boolean =>
      isAllowed(rules, {
        user: OUR_USER,
        verb: 'create',
        group: '',
        resource: 'secrets',
        namespace: 'team',
        name,
      });
    expect([may('ecr-pull-secret'), may('another'), may('')]).toEqual([true, false, false]);
  });
});
