import { describe, expect, it } from '@jest/globals';
import type { Attempted } from '../../../src/doctor/attempted.ts';
import {
  askFor,
  checkOtherSecrets,
  checkPermission,
  uncheckedPermission,
} from '../../../src/doctor/check-permissions.ts';
import { scopeOf } from '../../../src/domain/scope.ts';
import {
  requiredPermissions,
  type RequiredPermission,
} from '../../../src/kubernetes/required-permissions.ts';
import { INSTANCE, SECRET_NAME } from '../../support/values/builders.ts';

const answered = (value: boolean) => ({ kind: 'answered', value }) as const;
const findings = (one: RequiredPermission, allowed: Attempted<boolean>) => ({
  permission: one,
  answers: askFor(one, 'home').map((asked) => ({ asked, allowed })),
});
const REFUSED = { kind: 'failed', error: new Error('no answer') } as const;

function permission(
  verb: string,
  resource: string,
  only: readonly string[] = [],
): RequiredPermission {
  const found = requiredPermissions(INSTANCE, scopeOf(only)).find(
    (one) => one.verb === verb && one.resource === resource,
  );
  if (found === undefined) throw new Error(`no right to ${verb} ${resource}`);
  return found;
}

describe('askFor', () => {
  it('asks for all namespaces, and by name if the permission is limited to a name', () => {
    const secrets = { verb: 'watch', group: '', resource: 'secrets', name: SECRET_NAME };
    expect(askFor(permission('watch', 'secrets'), 'home')).toEqual([secrets]);
    const namespaces = { verb: 'list', group: '', resource: 'namespaces', name: undefined };
    expect(askFor(permission('list', 'namespaces'), undefined)).toEqual([namespaces]);
  });

  it('asks in each namespace of a limited scope, and for the namespace itself by its name', () => {
    const only = ['a', 'b'];
    const secrets = { verb: 'list', group: '', resource: 'secrets', name: SECRET_NAME };
    expect(askFor(permission('list', 'secrets', only), 'home')).toEqual([
      { ...secrets, namespace: 'a' },
      { ...secrets, namespace: 'b' },
    ]);
    const namespaces = { verb: 'watch', group: '', resource: 'namespaces' };
    expect(askFor(permission('watch', 'namespaces', only), undefined)).toEqual([
      { ...namespaces, name: 'a', namespace: 'a' },
      { ...namespaces, name: 'b', namespace: 'b' },
    ]);
  });

  it('asks for the Lease in our own namespace, and not at all if that is unknown', () => {
    const lease = permission('patch', 'leases');
    expect(askFor(lease, 'home')).toEqual([
      {
        verb: 'patch',
        group: 'coordination.k8s.io',
        resource: 'leases',
        name: 'ecr-pull-secrets',
        namespace: 'home',
      },
    ]);
    expect(askFor(lease, undefined)).toEqual([]);
  });
});

describe('checkPermission', () => {
  it('passes a permission that is there', () => {
    expect(checkPermission(findings(permission('get', 'namespaces'), answered(true)))).toEqual({
      name: 'permissions',
      subject: 'get namespaces',
      status: 'ok',
      message: 'allowed',
    });
  });

  it('says of a missing permission what stops working, and which rule grants it', () => {
    expect(checkPermission(findings(permission('watch', 'secrets'), answered(false)))).toEqual({
      name: 'permissions',
      subject: `watch secrets/${SECRET_NAME}`,
      status: 'failed',
      message: 'not allowed; without it, the controller sees no changes and never becomes ready',
      fix: `grant this user "watch" on secrets with resourceNames [${SECRET_NAME}] in a ClusterRole, as manifests/install.yaml does`,
    });
    expect(
      checkPermission(findings(permission('create', 'leases'), answered(false))),
    ).toMatchObject({
      fix: expect.stringContaining(
        '"create" on leases.coordination.k8s.io with resourceNames [ecr-pull-secrets] in a Role',
      ),
    });
  });

  it('summarizes many namespaces in one line, and names those where a permission is missing', () => {
    const names = Array.from({ length: 14 }, (_, n) => `team-${n}`);
    const one = permission('watch', 'secrets', names);
    const whole = findings(one, answered(true));
    expect(checkPermission(whole)).toMatchObject({
      status: 'ok',
      message: 'allowed in 14 namespaces',
    });

    const answers = whole.answers.map(({ asked }, n) => ({
      asked,
      allowed: answered(n % 7 !== 2),
    }));
    expect(checkPermission({ permission: one, answers })).toEqual({
      name: 'permissions',
      subject: `watch secrets/${SECRET_NAME}`,
      status: 'failed',
      message:
        'not allowed in team-2, team-9; without it, the controller sees no changes and never becomes ready',
      fix: `grant this user "watch" on secrets with resourceNames [${SECRET_NAME}] in a Role in each of these namespaces, or remove the namespaces from namespaces.only`,
    });
    expect(checkPermission(findings(one, answered(false))).message).toContain(
      'team-9 and 4 more; ',
    );
  });

  it('fails if the server does not answer', () => {
    expect(checkPermission(findings(permission('get', 'secrets'), REFUSED))).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('no answer'),
    });
  });
});

describe('uncheckedPermission', () => {
  it('says plainly that nothing was asked, and why', () => {
    expect(
      uncheckedPermission(permission('get', 'leases'), { skipped: 'pass it with --namespace' }),
    ).toEqual({
      name: 'permissions',
      subject: 'get leases/ecr-pull-secrets',
      status: 'skipped',
      message: 'not checked: pass it with --namespace',
    });
  });

  it('fails if leader election is requested, as `run` would', () => {
    const why = { skipped: 'nobody says where', isRequired: true };
    expect(uncheckedPermission(permission('get', 'leases'), why)).toMatchObject({
      status: 'failed',
      fix: 'pass the namespace of the controller with --namespace',
    });
  });
});

describe('checkOtherSecrets', () => {
  const CONTROLLER = { secretName: SECRET_NAME, isPerson: false };

  it('passes if none can be read', () => {
    const allowed = [answered(false), answered(false), answered(false)];
    expect(checkOtherSecrets({ ...CONTROLLER, allowed })).toMatchObject({ status: 'ok' });
  });

  it('warns about each verb that reads them, with the fix', () => {
    const allowed = [answered(true), answered(false), answered(true)];
    expect(checkOtherSecrets({ ...CONTROLLER, allowed })).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('get, watch every Secret'),
      fix: expect.stringContaining(`resourceNames [${SECRET_NAME}] only`),
    });
  });

  it('does not warn a person about their own permissions', () => {
    const allowed = [answered(true), answered(true), answered(true)];
    expect(checkOtherSecrets({ ...CONTROLLER, allowed, isPerson: true })).toEqual({
      name: 'permissions',
      subject: 'other Secrets',
      status: 'info',
      message: 'this user may get, list, watch every Secret in the cluster',
    });
  });

  it('claims nothing if the server does not answer', () => {
    const allowed = [answered(false), REFUSED, answered(false)];
    expect(checkOtherSecrets({ ...CONTROLLER, allowed })).toMatchObject({ status: 'skipped' });
  });
});
