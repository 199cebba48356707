import { describe, expect, it } from '@jest/globals';
import { clearSecret } from '../../../src/cleanup/clear-secret.ts';
import { Tally } from '../../../src/cleanup/report.ts';
import { ObsoleteError, TransientError } from '../../../src/domain/errors.ts';
import { aNamespace, aPullSecret, aServiceAccount } from '../../support/values/builders.ts';

const SIGNAL = new AbortController().signal;
const SECRET = aPullSecret({ name: 'pull' });

/** All accounts except `other` have our reference; records the order of the calls. */
function cluster(change: {
  readonly terminating?: boolean;
  readonly detach?: (name: string) => Error | undefined;
}) {
  const calls: string[] = [];
  return {
    calls,
    readNamespace: () => Promise.resolve(aNamespace({ terminating: change.terminating ?? false })),
    listServiceAccounts: () =>
      Promise.resolve([
        aServiceAccount('a', { references: 1 }),
        aServiceAccount('other', { imagePullSecrets: [{ name: 'x' }] }),
        aServiceAccount('b', { references: 1 }),
      ]),
    detach({ name }: { readonly name: string }) {
      calls.push(`detach ${name}`);
      const error = change.detach?.(name);
      return error === undefined ? Promise.resolve() : Promise.reject(error);
    },
    delete({ name }: { readonly name: string }) {
      calls.push(`delete ${name}`);
      return Promise.resolve();
    },
  };
}

/** The outcome, and how many were deleted and detached. */
async function clear(
  parts: Omit<ReturnType<typeof cluster>, 'calls'>,
): Promise<readonly unknown[]> {
  const tally = new Tally();
  const outcome = await clearSecret(SECRET, { cluster: parts, tally }, SIGNAL);
  return [outcome, tally.counts.deletedSecrets, tally.counts.detachedServiceAccounts];
}

describe('clearSecret', () => {
  it('detaches all accounts that name the Secret, then deletes it', async () => {
    const { calls, ...parts } = cluster({});
    expect(await clear(parts)).toEqual(['cleared', 1, 2]);
    expect(calls).toEqual(['detach a', 'detach b', 'delete pull']);
  });

  it('skips a namespace that is being deleted', async () => {
    const { calls, ...parts } = cluster({ terminating: true });
    expect(await clear(parts)).toEqual([{ error: expect.any(ObsoleteError) }, 0, 0]);
    expect(calls).toEqual([]);
  });

  it('keeps the Secret if an account cannot be detached, so that it is found again', async () => {
    const error = new TransientError('no', { code: 'WRITE_REFUSED' });
    const { calls, ...parts } = cluster({ detach: (name) => (name === 'b' ? error : undefined) });
    expect(await clear(parts)).toEqual([{ error }, 0, 1]);
    expect(calls).toEqual(['detach a', 'detach b']);
  });

  it('does not count an account that is gone meanwhile', async () => {
    const obsolete = new ObsoleteError('gone', { code: 'OBJECT_GONE' });
    const { calls, ...parts } = cluster({
      detach: (name) => (name === 'a' ? obsolete : undefined),
    });
    expect(await clear(parts)).toEqual(['cleared', 1, 1]);
    expect(calls).toContain('delete pull');
  });
});
