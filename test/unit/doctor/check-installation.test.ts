import { describe, expect, it } from '@jest/globals';
import {
  checkBinding,
  checkPause,
  checkRoleBindings,
  namespaceOfUser,
} from '../../../src/doctor/check-installation.ts';
import { ApiError } from '../../../src/kubernetes/transport/api-error.ts';

const answered = (value: unknown) => ({ kind: 'answered', value }) as const;
const failed = (status: number) => {
  const answer = { reason: 'Any', message: 'no' };
  return { kind: 'failed', error: new ApiError({ call: 'GET /x', status, answer }) } as const;
};
const bindingOf = (...namespaces: readonly string[]) =>
  answered({
    subjects: [
      { kind: 'Group', name: 'everybody' },
      ...namespaces.map((namespace) => ({ kind: 'ServiceAccount', name: 'any', namespace })),
    ],
  });
const THIS = { instance: 'blue', name: 'ecr-pull-secrets-blue', home: 'here' };

describe('the binding of the instance', () => {
  it('passes if it binds a ServiceAccount of this namespace', () => {
    expect(checkBinding({ ...THIS, binding: bindingOf('there', 'here') })).toMatchObject({
      name: 'installation',
      subject: 'ClusterRoleBinding/ecr-pull-secrets-blue',
      status: 'ok',
    });
  });

  it('fails if it binds a ServiceAccount of another namespace, and says what to do', () => {
    expect(checkBinding({ ...THIS, binding: bindingOf('there') })).toMatchObject({
      status: 'failed',
      message: 'another installation of instance blue is in namespace there',
      fix: 'give the installation in here its own `instance` and its own secretName, or uninstall the other',
    });
  });

  it.each([
    ['there is none', answered(undefined), 'skipped', 'permissions may be granted by Roles'],
    [
      'it cannot be read for lack of permission',
      failed(403),
      'skipped',
      'no permission to read it',
    ],
    ['the server fails', failed(500), 'skipped', "can't read it: calling GET /x: 500"],
    ['it binds no ServiceAccount', bindingOf(), 'info', 'binds no ServiceAccount'],
  ])('claims nothing if %s', (_, binding, status, message) => {
    expect(checkBinding({ ...THIS, binding })).toMatchObject({
      status,
      message: expect.stringContaining(message),
    });
  });

  it('claims nothing if our own namespace is unknown', () => {
    const check = checkBinding({ ...THIS, home: undefined, binding: bindingOf('there') });
    expect(check).toMatchObject({
      status: 'skipped',
      message: expect.stringContaining('--namespace'),
    });
  });
});

describe('the bindings in several namespaces', () => {
  const inTeam = (namespace: string, binding: ReturnType<typeof bindingOf>) => {
    return { ...THIS, namespace, binding };
  };

  it('share one line if all of them are ours', () => {
    const all = ['team-a', 'team-b'].map((team) => inTeam(team, bindingOf('here')));
    expect(checkRoleBindings(all)).toEqual([
      {
        name: 'installation',
        subject: 'RoleBinding/ecr-pull-secrets-blue',
        status: 'ok',
        message: 'instance blue belongs to this installation in 2 namespaces',
      },
    ]);
  });

  it('get a line each if they are not', () => {
    const all = [
      inTeam('team-a', bindingOf('there')),
      inTeam('team-b', bindingOf('here')),
      inTeam('team-c', answered(undefined)),
    ];
    expect(checkRoleBindings(all)).toMatchObject([
      {
        subject: 'RoleBinding/team-a/ecr-pull-secrets-blue',
        status: 'failed',
        message: 'another installation of instance blue is in namespace there',
      },
      {
        subject: 'RoleBinding/team-c/ecr-pull-secrets-blue',
        status: 'skipped',
        message: 'not found; permissions may be granted under another name',
      },
    ]);
  });
});

describe('the Lease', () => {
  const check = (lease: Parameters<typeof checkPause>[0]['lease']) =>
    checkPause({ namespace: 'here', name: 'ecr-pull-secrets', lease });
  const leaseWith = (annotations: unknown) => answered({ metadata: { annotations } });

  it('causes a warning while it is paused, with the command that resumes it', () => {
    expect(check(leaseWith({ 'ecr-pull-secrets.io/paused': 'by\nme' }))).toEqual({
      name: 'installation',
      subject: 'Lease/ecr-pull-secrets',
      status: 'warning',
      message: 'paused ("by?me"): nobody leads, and tokens are not refreshed',
      fix: 'resume it: kubectl -n here annotate lease ecr-pull-secrets ecr-pull-secrets.io/paused-',
    });
  });

  it.each([
    ['is not paused', leaseWith(undefined), 'ok'],
    ['has an empty pause annotation', leaseWith({ 'ecr-pull-secrets.io/paused': '' }), 'ok'],
    ['does not exist', answered(undefined), 'info'],
    ['cannot be read for lack of permission', failed(403), 'skipped'],
  ])('causes none if it %s', (_, lease, status) => {
    expect(check(lease)).toMatchObject({ status });
  });
});

describe('namespaceOfUser', () => {
  it.each([
    ['system:serviceaccount:here:ecr-pull-secrets', 'here'],
    ['jane', undefined],
  ])('of %p is %p', (user, namespace) => {
    expect(namespaceOfUser(user)).toBe(namespace);
  });
});
