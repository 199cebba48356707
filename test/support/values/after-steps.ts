/** Applies plan steps to the cached objects: the pure model on which the plan's properties are tested. */
import type { SecretChange } from '../../../src/controller/ports/cluster-writes.ts';
import { SECRET_ANNOTATIONS } from '../../../src/domain/contract.ts';
import type {
  ObservedNamespace,
  CachedPullSecret,
  CachedServiceAccount,
} from '../../../src/domain/state/observed.ts';
import { isRenewal } from '../../../src/domain/plan/entry-plan.ts';
import type { Step, WriteSecretStep } from '../../../src/domain/plan/plan-model.ts';
import { settleEntries } from '../../../src/domain/plan/settle-entries.ts';
import type { TokenNeed } from '../../../src/domain/token/token-need.ts';
import {
  type PullSecretContent,
  entryOf,
  renderPullSecret,
} from '../../../src/domain/state/pull-secret.ts';
import { SecretText } from '../../../src/domain/secret-text.ts';
import { parseTokenRecords } from '../../../src/domain/state/token-record.ts';
import { HOUR_MS, aToken, referring } from './builders.ts';

/** The cached Secret after a server-side apply: whole again, except for what only a patch changes. */
function afterApply(
  namespace: string,
  secretName: string,
  content: PullSecretContent,
  existing: CachedPullSecret | undefined,
): CachedPullSecret {
  const { annotations } = content;
  return {
    namespace,
    name: secretName,
    uid: existing?.uid ?? `uid-of-secret-in-${namespace}`,
    resourceVersion: existing?.resourceVersion ?? '1',
    appliedByUs: true,
    labelledOurs: true,
    labelsWhole: true,
    tamperedWith: [],
    foreignDataKeys: existing?.foreignDataKeys ?? [],
    immutableSet: existing?.immutableSet ?? false,
    tokens: parseTokenRecords(annotations[SECRET_ANNOTATIONS.tokens]),
    tokensOurs: true,
    dataOurs: true,
    configHash: annotations[SECRET_ANNOTATIONS.configHash],
    refreshRequestedAt: annotations[SECRET_ANNOTATIONS.refreshRequestedAt],
    removalDueAt: existing?.removalDueAt,
    terminating: false,
  };
}

function afterAnnotate(existing: CachedPullSecret, change: SecretChange): CachedPullSecret {
  const { removalDueAt, restoreLabels = false, removeDataKeys = [] } = change;
  return {
    ...existing,
    labelsWhole: existing.labelsWhole || restoreLabels,
    labelledOurs: existing.labelledOurs || restoreLabels,
    foreignDataKeys: existing.foreignDataKeys.filter((key) => !removeDataKeys.includes(key)),
    removalDueAt: removalDueAt === undefined ? existing.removalDueAt : (removalDueAt ?? undefined),
  };
}

/** Our reference once; the others unchanged and in place. */
function afterAttach(account: CachedServiceAccount, secretName: string): CachedServiceAccount {
  const { imagePullSecrets: references = [] } = account;
  const first = references.findIndex(({ name }) => name === secretName);
  const kept = references.filter(({ name }, index) => name !== secretName || index === first);
  return { ...account, ...referring(first < 0 ? [...kept, { name: secretName }] : kept) };
}

function afterDetach(account: CachedServiceAccount, secretName: string): CachedServiceAccount {
  const { imagePullSecrets: references = [] } = account;
  return { ...account, ...referring(references.filter(({ name }) => name !== secretName)) };
}

interface Circumstances {
  readonly now: Date;
  readonly secretName: string;
  /** Whether AWS mints a token for this need; default: for all. */
  readonly isMinted?: (need: TokenNeed) => boolean;
}

/** The namespace after its plan was applied, with every token minted at `now` for twelve hours. */
export function afterSteps(
  observed: ObservedNamespace,
  steps: readonly Step[],
  circumstances: Circumstances,
): ObservedNamespace {
  const { secretName } = circumstances;
  return steps.reduce<ObservedNamespace>((state, step) => {
    switch (step.kind) {
      case 'writeSecret': {
        const content = contentOf(step, circumstances);
        if (content === undefined) return state;
        const pullSecret = afterApply(state.name, secretName, content, step.existing);
        return { ...state, pullSecret };
      }
      case 'annotateSecret':
        return { ...state, pullSecret: afterAnnotate(step.existing, changeOf(step)) };
      case 'deleteSecret':
        return { ...state, pullSecret: undefined };
      case 'attach':
        return withAccount(state, afterAttach(step.account, secretName));
      case 'detach':
        return withAccount(state, afterDetach(step.account, secretName));
    }
  }, observed);
}

/** `undefined` if there is nothing to write. */
function contentOf(
  step: WriteSecretStep,
  { now, isMinted = () => true }: Circumstances,
): PullSecretContent | undefined {
  const renewals = step.entries.filter(isRenewal);
  const fresh = renewals
    .map(({ need }) => need)
    .filter(isMinted)
    .map(({ profile, login }) =>
      entryOf(
        profile,
        login.hosts,
        aToken({
          identity: login.identity,
          mintedAt: now,
          expiresAt: new Date(now.getTime() + 12 * HOUR_MS),
        }),
      ),
    );
  const { kept, refreshRequestedAt, isWorthWriting } = settleEntries(step, fresh, now);
  if (fresh.length < renewals.length && !isWorthWriting) return undefined;
  const authorization = new SecretText(btoa('AWS:carried'));
  const carried = kept.map((record) => ({ ...record, authorization }));
  const { configHash } = step;
  return renderPullSecret([...fresh, ...carried], { configHash, refreshRequestedAt });
}

function changeOf(step: Extract<Step, { kind: 'annotateSecret' }>): SecretChange {
  return {
    removalDueAt: step.removalDueAt,
    restoreLabels: step.reason === 'labelsStripped',
    removeDataKeys: step.reason === 'dataAdded' ? step.existing.foreignDataKeys : [],
  };
}

function withAccount(state: ObservedNamespace, changed: CachedServiceAccount): ObservedNamespace {
  const serviceAccounts = state.serviceAccounts.map((account) =>
    account.uid === changed.uid ? changed : account,
  );
  return { ...state, serviceAccounts };
}
