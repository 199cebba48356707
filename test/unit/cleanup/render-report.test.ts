import { describe, expect, it } from '@jest/globals';
import { renderReport, renderReportJson } from '../../../src/cleanup/render-report.ts';
import type { CleanupReport, Leftover } from '../../../src/cleanup/report.ts';

const REPORT: CleanupReport = {
  ending: { kind: 'done' },
  deletedSecrets: 2,
  detachedServiceAccounts: 3,
  namespaces: 2,
  left: [
    { namespace: 'a', secret: 's', kind: 'failed', message: 'the server\nsays no', fix: 'repeat' },
    { namespace: 'b', secret: 's', kind: 'foreign', message: 'not ours' },
    { namespace: 'd', secret: 's', kind: 'unknown', message: 'refused', fix: 'kubectl z' },
  ],
  removesOrphanedReferences: false,
  detachedOrphanedReferences: 0,
  orphanedReferences: [
    { namespace: 'c', serviceAccount: 'default', secret: 's', fix: 'kubectl x' },
  ],
  lease: 'kept',
  podsCommand: 'kubectl p',
  resume: 'kubectl y',
};
const NONE = { ...REPORT, left: [], orphanedReferences: [] };

describe('the report', () => {
  it('says what was done, what is left and why, and how to continue', () => {
    expect(renderReport(REPORT)).toBe(`\
deleted 2 Secrets and removed the reference from 3 ServiceAccounts in 2 namespaces
ours, but not deleted:
  a/s: the server says no
    fix: repeat
Pods that name this Secret, and no other one for the same registries, can't pull without it. To list the Pods that name it, each with all Secrets that it names:
  kubectl p
  (to leave out those that also name the Secret of another instance, add: | grep -vF ' ITS_NAME ')
the Lease stays paused, so nobody leads. To resume the controller: kubectl y
If this ran as a Helm hook: fix the cause and uninstall again, or keep the release: run \`helm rollback RELEASE REVISION\` (its last revision) and resume the controller
not ours to delete, left unchanged:
  b/s: not ours
may still exist, if the namespace does:
  d/s: refused
    fix: kubectl z
1 orphaned reference in 1 namespace: ServiceAccounts that name this instance's Secret where there is none. The kubelet warns about them for every Pod (FailedToRetrieveImagePullSecret). Nothing shows who added them. To remove them too, run the same command with --orphaned-references (cleanup.orphanedReferences=true in the chart)
  c/default (s)
`);
  });

  describe('with --orphaned-references', () => {
    const requested = {
      ...NONE,
      orphanedReferences: REPORT.orphanedReferences,
      removesOrphanedReferences: true,
    };

    it('counts the removed ones, and says of each one left why, and how to remove it', () => {
      const [one] = REPORT.orphanedReferences;
      const orphanedReferences =
        one === undefined ? [] : [{ ...one, message: 'the server\nsays no' }];
      const text = renderReport({
        ...requested,
        orphanedReferences,
        detachedOrphanedReferences: 7,
      });

      expect(text).toContain(
        'in 2 namespaces\nremoved 7 orphaned references from ServiceAccounts\n',
      );
      expect(text).toContain(
        'orphaned references, not removed:\n  c/default (s): the server says no\n    fix: kubectl x\n',
      );
      expect(text).not.toContain('--orphaned-references');
      expect(text).toContain('If this ran as a Helm hook');
    });

    it('says once what would be removed', () => {
      const ending = { kind: 'dryRun', attachedServiceAccounts: 0 } as const;
      const text = renderReport({ ...requested, ending });

      expect(text).toContain(
        "would remove 1 orphaned reference in 1 namespace (ServiceAccounts that name this instance's Secret where there is none), whoever added them\n  c/default (s)\n",
      );
      expect(text.match(/c\/default/g)).toHaveLength(1);
    });
  });

  it('shows ten orphaned references and counts the rest', () => {
    const orphanedReferences = Array.from({ length: 12 }, (_, index) => {
      return { namespace: `team-${index}`, serviceAccount: 'default', secret: 's', fix: 'm' };
    });
    const text = renderReport({ ...NONE, orphanedReferences });
    expect(text).toContain('12 orphaned references in 12 namespaces');
    expect(text.match(/^ {2}team-/gm)).toHaveLength(10);
    expect(text).toContain('  and 2 more: -o json lists all\n');
  });

  it.each([0, 1])('names --yes in a dry run only if that has something to do: %i', (count) => {
    const ending = { kind: 'dryRun', attachedServiceAccounts: count } as const;

    expect(renderReport({ ...NONE, ending }).includes('--yes')).toBe(count > 0);
  });

  it('does not mention Helm if nothing is left to do', () => {
    expect(renderReport(NONE)).not.toContain('Helm');
  });

  it.each([
    ['kept', /^the Lease stays paused, .*: kubectl y$/m],
    ['created', /^the Lease exists only for the pause\. .*: kubectl y$/m],
    ['deleted', /^the Lease, .*, is deleted: nothing is paused any more$/m],
  ] as const)('says what to do with a Lease that is %s', (lease, line) => {
    expect(renderReport({ ...NONE, lease })).toMatch(line);
  });

  it('says why it ended early', () => {
    const failed = renderReport({ ...NONE, ending: { kind: 'failed', why: 'no time' } });
    expect(failed).toContain('\nFAILED: no time\n');
    expect(renderReport({ ...NONE, ending: { kind: 'interrupted' } })).toContain(
      'same command again to continue',
    );
  });

  it('shows fifty of a kind and counts the rest, which JSON lists', () => {
    const left = Array.from({ length: 60 }, (_, index): Leftover => {
      return { namespace: `team-${index}`, secret: 's', kind: 'terminating', message: 'kept' };
    });
    const text = renderReport({ ...NONE, left });
    expect(text.match(/: kept$/gm)).toHaveLength(50);
    expect(text).toContain('  and 10 more: -o json lists all\n');
    const json = JSON.parse(renderReportJson({ ...NONE, left })) as { readonly left: unknown[] };
    expect(json.left).toHaveLength(60);
  });

  it('has the reason of its end next to the end, in JSON', () => {
    const ending = { kind: 'failed', why: 'no time' } as const;
    expect(JSON.parse(renderReportJson({ ...NONE, ending }))).toMatchObject({
      ending: 'failed',
      why: 'no time',
      deletedSecrets: 2,
    });
  });
});
