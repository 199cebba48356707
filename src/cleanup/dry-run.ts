/** What a cleanup would do. */
import type { ServiceAccountRecord } from '../domain/observed.ts';
import { referencesTo } from '../domain/plan-service-accounts.ts';
import { listServiceAccounts, straysAmong } from './find-strays.ts';
import { isDeletable, leftoverOf } from './leftover.ts';
import type { CleanupReport } from './report.ts';
import { listPullSecrets, placeOf, type SurveySource } from './survey.ts';

interface DryRunSource extends SurveySource {
  /** Whether entries without a Secret would go too. */
  readonly takesStrayEntries: boolean;
}

/** Changes nothing. */
export async function dryRun(source: DryRunSource): Promise<Omit<CleanupReport, 'resume'>> {
  const { secretNames, takesStrayEntries } = source;
  const accounts = await listServiceAccounts(source);
  const survey = await listPullSecrets(source);
  const { strayEntries, unlisted } = straysAmong(accounts, survey, secretNames);
  const deletable = new Set(
    survey.pullSecrets.filter(isDeletable).map(({ namespace, name }) => placeOf(namespace, name)),
  );
  const isAttached = (account: ServiceAccountRecord): boolean =>
    secretNames.some(
      (name) => deletable.has(placeOf(account.namespace, name)) && referencesTo(name, account) > 0,
    );
  return {
    ending: {
      kind: 'dryRun',
      attachedServiceAccounts: accounts.accounts.filter(isAttached).length,
    },
    deletedSecrets: 0,
    detachedServiceAccounts: 0,
    namespaces: 0,
    left: [
      ...survey.pullSecrets.map(leftoverOf),
      ...survey.unread,
      ...(takesStrayEntries ? unlisted : []),
    ],
    takesStrayEntries,
    detachedStrayEntries: 0,
    strayEntries,
    lease: 'kept',
  };
}
