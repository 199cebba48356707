/** Entries of ServiceAccounts that name a Secret of ours where there is none. */
import type { ServiceAccountRecord } from '../domain/observed.ts';
import { strayEntriesOf, unlistedLeftover } from './leftover.ts';
import { persist } from './persist.ts';
import type { Leftover, StrayEntry } from './report.ts';
import { listPullSecrets, namespacesOf, type Survey, type SurveySource } from './survey.ts';

interface AccountSurvey {
  readonly accounts: readonly ServiceAccountRecord[];
  /** By namespace: why those of it could not be listed. */
  readonly refusals: ReadonlyMap<string, unknown>;
}

export interface StraySurvey {
  readonly strayEntries: readonly StrayEntry[];
  /** For each of the named namespaces whose Secrets could be looked at, and whose ServiceAccounts could not. */
  readonly unlisted: readonly Leftover[];
}

/** The Secrets last: whoever names one that has come meanwhile is no stray. */
export async function findStrays(source: SurveySource): Promise<StraySurvey> {
  const accounts = await listServiceAccounts(source);
  return straysAmong(accounts, await listPullSecrets(source), source.secretName);
}

/** Rejects with what a list of the whole cluster was refused with, or what the signal was aborted with. */
export async function listServiceAccounts(source: SurveySource): Promise<AccountSurvey> {
  const { cluster, scope, signal } = source;
  const accounts: ServiceAccountRecord[] = [];
  const refusals = new Map<string, unknown>();
  for (const namespace of namespacesOf(scope)) {
    try {
      const ask = () => cluster.listServiceAccounts(namespace, signal);
      accounts.push(...(await persist(ask, source)));
    } catch (error) {
      if (namespace === undefined || signal.aborted) throw error;
      refusals.set(namespace, error);
    }
  }
  return { accounts, refusals };
}

/** None where the Secrets could not be looked at: there may be one. */
export function straysAmong(
  { accounts, refusals }: AccountSurvey,
  { pullSecrets, unread }: Survey,
  secretName: string,
): StraySurvey {
  const there = new Set([...pullSecrets, ...unread].map(({ namespace }) => namespace));
  const strayEntries = accounts
    .filter(({ namespace }) => !there.has(namespace))
    .flatMap((account) => strayEntriesOf(account, secretName));
  const unlisted = [...refusals]
    .filter(([namespace]) => !there.has(namespace))
    .map(([namespace, error]) => unlistedLeftover({ namespace, name: secretName }, error));
  return { strayEntries, unlisted };
}
