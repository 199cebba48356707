import { describe, expect, it } from '@jest/globals';
import { exitCodeOf, type Findings, type LeftoverKind } from '../../../src/cleanup/report.ts';

const NOTHING: Omit<Findings, 'ending' | 'left'> = {
  deletedSecrets: 0,
  detachedServiceAccounts: 0,
  namespaces: 0,
  removesOrphanedReferences: false,
  detachedOrphanedReferences: 0,
  orphanedReferences: [],
  lease: 'kept',
};
const DONE = { kind: 'done' } as const;
const DRY_RUN = { kind: 'dryRun', attachedServiceAccounts: 0 } as const;

describe('exitCodeOf', () => {
  it.each<[Findings['ending'], readonly LeftoverKind[], number]>([
    [DONE, [], 0],
    [DONE, ['foreign', 'namespaceTerminating'], 0],
    [DONE, ['unknown'], 0],
    [DONE, ['unknown', 'failed'], 1],
    [DONE, ['foreign', 'unproven'], 1],
    [DONE, ['failed'], 1],
    [DONE, ['terminating'], 1],
    [DONE, ['recreated'], 1],
    [DRY_RUN, [], 0],
    [DRY_RUN, ['foreign'], 0],
    [DRY_RUN, ['pending'], 2],
    [{ kind: 'interrupted' }, [], 130],
    [{ kind: 'failed', why: 'x' }, [], 1],
  ])('after %j with %j left is %d', (ending, kinds, code) => {
    const left = kinds.map((kind) => ({ namespace: 'a', secret: 's', kind, message: 'm' }));
    expect(exitCodeOf({ ...NOTHING, ending, left })).toBe(code);
  });

  it.each<[Findings['ending'], boolean, number]>([
    [DONE, false, 0],
    [DONE, true, 1],
    [DRY_RUN, false, 0],
    [DRY_RUN, true, 2],
  ])(
    'after %j with an orphaned reference left, removal requested: %p, is %d',
    (ending, asked, code) => {
      const orphanedReferences = [{ namespace: 'a', serviceAccount: 'b', secret: 's', fix: 'm' }];
      const report = {
        ...NOTHING,
        ending,
        left: [],
        orphanedReferences,
        removesOrphanedReferences: asked,
      };
      expect(exitCodeOf(report)).toBe(code);
    },
  );
});
