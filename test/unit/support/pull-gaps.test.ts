/** Checks a rename: finds a ServiceAccount that could pull, and cannot at some version of the cluster. */
import { describe, expect, it } from '@jest/globals';
import { pullGaps } from '../../support/cluster/pull-gaps.ts';
import type { ObservedChange } from '../../support/cluster/observed-changes.ts';

const START = [account(1, 'default', 'old'), secret(2, 'old')];

describe('pullGaps', () => {
  it('finds none if each version has a reference whose Secret exists', () => {
    expect(
      gapsIn(
        account(3, 'default', 'old', 'new'),
        secret(4, 'new'),
        account(5, 'default', 'new'),
        deleted(secret(6, 'old')),
      ),
    ).toEqual([]);
  });

  it('finds the versions in which the old Secret is gone before the new one exists', () => {
    const changes = [account(3, 'default', 'old', 'new'), deleted(secret(4, 'old'))];

    expect(gapsIn(...changes, account(5, 'default', 'new'), secret(6, 'new'))).toEqual([
      'team/default at 4',
      'team/default at 5',
    ]);
  });

  it('finds the one of two ServiceAccounts whose reference is missing', () => {
    expect(gapsIn(account(3, 'builder', 'old'), account(4, 'builder', 'new'))).toEqual([
      'team/builder at 4',
    ]);
  });

  it('counts a new ServiceAccount once it can pull, and no longer counts a deleted one', () => {
    const added = account(3, 'builder');

    expect(gapsIn(added, account(4, 'builder', 'old'), deleted(account(5, 'builder')))).toEqual([]);
  });
});

function gapsIn(...changes: readonly ObservedChange[]): readonly string[] {
  return pullGaps({ inOrder: [...START, ...changes], startVersion: 2 }, ['team']);
}

function account(version: number, name: string, ...entries: readonly string[]): ObservedChange {
  const imagePullSecrets = entries.map((entry) => ({ name: entry }));
  const object = { metadata: { name, namespace: 'team' }, imagePullSecrets };
  return { kind: 'ServiceAccount', version, isGone: false, object };
}

function secret(version: number, name: string): ObservedChange {
  const object = { metadata: { name, namespace: 'team' } };
  return { kind: 'Secret', version, isGone: false, object };
}

function deleted(change: ObservedChange): ObservedChange {
  return { ...change, isGone: true };
}
