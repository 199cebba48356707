import { describe, expect, it } from '@jest/globals';
import {
  type FoundSecret,
  isDeletable,
  leftoverOf,
  namespaceTerminating,
  orphanedReferencesOf,
  recreated,
} from '../../../src/cleanup/leftover.ts';
import { TransientError } from '../../../src/domain/errors.ts';
import { aPullSecret, aServiceAccount } from '../../support/values/builders.ts';

const OURS = { appliedByUs: true, labelledOurs: true, isUnclaimed: false };
const LABELLED = { ...OURS, appliedByUs: false };
const FOREIGN = { ...LABELLED, labelledOurs: false };

function found(change: Partial<FoundSecret>): FoundSecret {
  return { ...aPullSecret(change), isUnclaimed: change.isUnclaimed ?? false };
}

describe('a Secret with our name', () => {
  it.each([
    [OURS, true, 'pending'],
    [{ ...OURS, labelledOurs: false }, true, 'pending'],
    [LABELLED, false, 'unproven'],
    [{ ...LABELLED, isUnclaimed: true }, false, 'unclaimed'],
    [FOREIGN, false, 'foreign'],
    [{ ...OURS, terminating: true }, false, 'terminating'],
    [{ ...FOREIGN, terminating: true }, false, 'foreign'],
  ])('with %j may be deleted: %p, and is otherwise %s', (change, deletable, kind) => {
    const pullSecret = found(change);
    expect(isDeletable(pullSecret)).toBe(deletable);
    expect(leftoverOf(pullSecret)).toMatchObject({ namespace: pullSecret.namespace, kind });
  });

  it('explains a refusal by what refuses it', () => {
    const refused = new TransientError('deleting it: no', { code: 'WRITE_REFUSED' });
    expect(leftoverOf(found(OURS), refused)).toMatchObject({
      kind: 'failed',
      message: 'deleting it: no',
      fix: expect.stringContaining('what refuses it'),
    });
  });
});

describe('a Secret that could not be deleted', () => {
  const secret = found(OURS);

  it('gets the fix of its trouble, and the advice to repeat the cleanup', () => {
    const details = { code: 'API_CREDENTIALS_UNREADABLE', fix: 'check the plugin' };
    expect(leftoverOf(secret, new TransientError('no token', details))).toMatchObject({
      kind: 'failed',
      message: 'no token',
      fix: 'check the plugin, and repeat cleanup',
    });
    expect(leftoverOf(secret, new Error('socket hang up'))).toMatchObject({
      kind: 'failed',
      message: 'socket hang up',
      fix: 'repeat cleanup',
    });
  });

  it('is deleted with its namespace, or re-created', () => {
    expect(leftoverOf(secret, namespaceTerminating())).toMatchObject({
      kind: 'namespaceTerminating',
      message: 'its namespace is being deleted, and the Secret with it',
    });
    expect(leftoverOf(secret, recreated())).toMatchObject({
      kind: 'recreated',
      fix: 'stop the controller that runs with --leader-elect false or in an older version, and repeat cleanup',
    });
  });
});

describe('a reference without a Secret', () => {
  it('gets a command that removes exactly this reference', () => {
    const imagePullSecrets = [{ name: 'a' }, { name: 'pull' }];
    const account = aServiceAccount('app', { namespace: 'team', references: 1, imagePullSecrets });
    expect(orphanedReferencesOf(account, 'pull')).toEqual([
      {
        namespace: 'team',
        serviceAccount: 'app',
        secret: 'pull',
        fix: `kubectl -n team patch serviceaccount app --type=json -p='[{"op":"test","path":"/imagePullSecrets/1/name","value":"pull"},{"op":"remove","path":"/imagePullSecrets/1"}]'`,
      },
    ]);
    expect(orphanedReferencesOf(account, 'other')).toEqual([]);
  });

  it('in a list that is too long for a command is removed by hand', () => {
    const long = { namespace: 'team', imagePullSecrets: undefined };
    const [found] = orphanedReferencesOf(
      { ...aServiceAccount('app'), ...long, references: 2 },
      'pull',
    );
    expect(found?.fix).toContain('edit serviceaccount app');
    expect(orphanedReferencesOf({ ...aServiceAccount('app'), ...long }, 'pull')).toEqual([]);
  });
});
