import { describe, expect, it } from '@jest/globals';
import { type Attempted } from '../../../src/doctor/attempted.ts';
import { checkGuard, type PolicyObject } from '../../../src/doctor/check-policies.ts';
import type { GuardState } from '../../../src/controller/ports/guard.ts';
import { ApiError } from '../../../src/kubernetes/transport/api-error.ts';

const answered = <T>(value: T): Attempted<T> => ({ kind: 'answered', value });
const failed = (error: unknown): Attempted<never> => ({ kind: 'failed', error });

describe('checkGuard, as the controller', () => {
  const probed = (state: Attempted<GuardState>) => checkGuard({ kind: 'probed', state });

  it('is ok if the guard is in effect', () => {
    expect(probed(answered({ kind: 'inEffect' }))).toMatchObject({ status: 'ok' });
  });

  it('warns with a fix if it is not, and says for what', () => {
    expect(probed(answered({ kind: 'notInEffect', unguarded: ['events'] }))).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('not in effect for events'),
      fix: expect.stringContaining('manifests/install.yaml'),
    });
  });

  it.each([
    answered({ kind: 'unknown', cause: new Error('a webhook refused it') } as const),
    failed(new Error('a webhook refused it')),
  ])('says why it does not know', (state) => {
    expect(probed(state)).toMatchObject({
      status: 'skipped',
      message: expect.stringContaining('a webhook refused it'),
    });
  });
});

describe('checkGuard, as a person', () => {
  const POLICY: PolicyObject = {
    kind: 'ValidatingAdmissionPolicy',
    name: 'a',
    found: answered({ spec: {} }),
  };
  const BINDING: PolicyObject = {
    kind: 'ValidatingAdmissionPolicyBinding',
    name: 'a',
    found: answered({ spec: { validationActions: ['Deny', 'Audit'] } }),
  };
  const read = (...objects: readonly PolicyObject[]) => checkGuard({ kind: 'read', objects });

  it('is ok if all policies and bindings exist', () => {
    expect(read(POLICY, BINDING)).toMatchObject({ status: 'ok' });
  });

  it.each([
    [{ ...POLICY, found: answered(undefined) }, 'ValidatingAdmissionPolicy/a'],
    [{ ...BINDING, found: answered(undefined) }, 'ValidatingAdmissionPolicyBinding/a'],
    [
      { ...BINDING, found: answered({ spec: { validationActions: ['Audit'] } }) },
      'ValidatingAdmissionPolicyBinding/a',
    ],
  ])('warns of what is missing or does not deny', (object, name) => {
    expect(read(POLICY, BINDING, object)).toMatchObject({
      status: 'warning',
      message: expect.stringContaining(`: ${name};`),
    });
  });

  it('says that it may not read them', () => {
    const error = new ApiError({ call: 'GET /x', status: 403, answer: '' });

    expect(read(POLICY, { ...BINDING, found: failed(error) })).toMatchObject({
      status: 'skipped',
      message: 'no permission to read its policies',
    });
  });
});

describe('checkGuard', () => {
  it('mentions a guard that is off, for information', () => {
    expect(checkGuard({ kind: 'off' })).toMatchObject({ status: 'info' });
  });
});
