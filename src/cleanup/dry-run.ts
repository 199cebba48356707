/** What a cleanup would do. */
import type { CachedServiceAccount } from '../domain/state/observed.ts';
import { listServiceAccounts, orphanedAmong } from './find-orphaned-references.ts';
import { isDeletable, leftoverOf } from './leftover.ts';
import type { Findings } from './report.ts';
import { listPullSecrets, type SurveySource } from './survey.ts';

interface DryRunSource extends SurveySource {
  /** Whether orphaned references would be removed too. */
  readonly removesOrphanedReferences: boolean;
}

/** Changes nothing. */
export async function dryRun(source: DryRunSource): Promise<Findings> {
  const { secretName, removesOrphanedReferences } = source;
  const accounts = await listServiceAccounts(source);
  const survey = await listPullSecrets(source);
  const orphans = orphanedAmong(accounts, survey, secretName);
  const deletable = new Set(survey.found.filter(isDeletable).map(({ namespace }) => namespace));
  const isAttached = (account: CachedServiceAccount): boolean =>
    deletable.has(account.namespace) && account.references > 0;
  return {
    ending: {
      kind: 'dryRun',
      attachedServiceAccounts: accounts.accounts.filter(isAttached).length,
    },
    deletedSecrets: 0,
    detachedServiceAccounts: 0,
    namespaces: 0,
    left: [
      ...survey.found.map((one) => leftoverOf(one)),
      ...survey.unread,
      ...(removesOrphanedReferences ? orphans.unread : []),
    ],
    removesOrphanedReferences,
    detachedOrphanedReferences: 0,
    orphanedReferences: orphans.found,
    lease: 'kept',
  };
}
