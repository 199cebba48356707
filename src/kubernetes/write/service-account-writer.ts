/** Attaches and detaches our reference: one item of an atomic list that others write to, too. */
import type { Attempt, ServiceAccounts } from '../../controller/ports/cluster-writes.ts';
import type { Measurements } from '../../controller/ports/measurements.ts';
import type { Instance } from '../../domain/contract.ts';
import { TransientError } from '../../domain/errors.ts';
import type { CachedServiceAccount } from '../../domain/state/observed.ts';
import { isConflict } from '../transport/api-error.ts';
import { projectServiceAccount, referencesOf } from '../view/project-objects.ts';
import { unreadServiceAccount } from '../view/unread-objects.ts';
import { MERGE_PATCH, objectPath } from '../transport/resources.ts';
import type { Transport } from '../transport/transport.ts';
import { unexpectedAnswer } from './unexpected-answer.ts';
import { sendingOf } from './sending.ts';
import { explainRefusal } from './write-errors.ts';
import { resultOf } from './write-result.ts';

/** After losing this many races with other writers, the pass is repeated from its start. */
const MOST_TRIES = 5;

type References = NonNullable<CachedServiceAccount['imagePullSecrets']>;

/** A ServiceAccount with its whole list, however long that is. */
interface Current {
  readonly account: CachedServiceAccount;
  readonly references: References;
}

interface Dependencies {
  readonly transport: Transport;
  readonly instance: Pick<Instance, 'secretName'>;
  readonly measurements: Pick<Measurements, 'written' | 'conflicted'>;
  /** Every write is only a dry run. */
  readonly isDryRun?: boolean;
  /** Passes the answer to our own write to the caches. */
  readonly absorb: (account: CachedServiceAccount) => void;
}

/**
 * The writes of `ServiceAccounts`; only the leader and `cleanup` may call it. `account` is the ServiceAccount as it was
 * observed. Each write sends the whole list under its UID and resourceVersion, so nobody's reference is lost. A list that
 * is too long for the caches is read first. After a conflict it re-reads the object and tries again, at most five times. A ServiceAccount that is already as it should be
 * costs no request, so every call may be repeated. On success the caches have the answer before the call returns.
 *
 * Throws a `ControllerError`: a `TransientError` with code `CONFLICT` if other writers keep winning, or the ServiceAccount
 * was re-created or is now too large to be read, an `ObsoleteError` if it is gone. A crash leaves the list either old or new.
 */
export class ServiceAccountWriter implements ServiceAccounts {
  readonly #deps: Dependencies;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  attach(account: CachedServiceAccount, attempt: Attempt): Promise<void> {
    return this.#change('attach', account, attempt);
  }

  detach(account: CachedServiceAccount, attempt: Attempt): Promise<void> {
    return this.#change('detach', account, attempt);
  }

  async #change(
    verb: keyof typeof REFERENCES_AFTER,
    account: CachedServiceAccount,
    attempt: Attempt,
  ): Promise<void> {
    const { measurements, instance } = this.#deps;
    const known = account.imagePullSecrets;
    const { signal, lane } = attempt;
    let current =
      known === undefined ? await this.#read(account, attempt) : { account, references: known };
    for (let tries = 1; ; tries += 1) {
      const references = REFERENCES_AFTER[verb](current.references, instance.secretName);
      // Either a reference is added or duplicates are removed, never both.
      if (references.length === current.references.length) return;
      try {
        await this.#patch(current.account, references, attempt);
        measurements.written('ServiceAccount', verb, 'success');
        return;
      } catch (error) {
        const isLost = isConflict(error);
        if (isLost) measurements.conflicted('ServiceAccount');
        if (!isLost || tries === MOST_TRIES) {
          measurements.written('ServiceAccount', verb, resultOf(error, attempt.signal));
          throw explainRefusal(error, `${verb}ing ${describe(account)}`);
        }
        // Whether it is still planned is asked before the next write.
        current = await this.#read(account, { signal, lane });
      }
    }
  }

  /** Sends the whole new list under the version that it is based on: a race loses nobody's reference. */
  async #patch(
    { namespace, name, uid, resourceVersion }: CachedServiceAccount,
    imagePullSecrets: References,
    attempt: Attempt,
  ): Promise<void> {
    const answer = await this.#deps.transport.request({
      method: 'PATCH',
      path: objectPath(namespace, 'serviceaccounts', name),
      ...(this.#deps.isDryRun === true ? { query: { dryRun: 'All' } } : {}),
      contentType: MERGE_PATCH,
      body: JSON.stringify({ metadata: { uid, resourceVersion }, imagePullSecrets }),
      ...sendingOf(attempt),
    });
    if (this.#absorb(answer)?.uid === uid) return;
    throw unexpectedAnswer(`writing ServiceAccount "${name}" in namespace "${namespace}"`);
  }

  async #read(account: CachedServiceAccount, attempt: Attempt): Promise<Current> {
    const path = objectPath(account.namespace, 'serviceaccounts', account.name);
    const doing = `reading ${describe(account)}`;
    const answer = await this.#deps.transport
      .read({ method: 'GET', path, ...sendingOf(attempt) })
      .catch((error: unknown) => {
        throw explainRefusal(error, doing);
      });
    if (answer.kind === 'tooLarge') {
      this.#deps.absorb(unreadServiceAccount(answer.meta));
      throw new TransientError(`${doing}: it is too large`, { code: 'CONFLICT' });
    }
    const current = this.#absorb(answer.object);
    if (current?.uid === account.uid) {
      return { account: current, references: referencesOf(answer.object) };
    }
    throw new TransientError(`${doing}: it was re-created`, { code: 'CONFLICT' });
  }

  #absorb(answer: unknown): CachedServiceAccount | undefined {
    const { absorb, instance } = this.#deps;
    const account = projectServiceAccount(answer, instance.secretName);
    if (account !== undefined) absorb(account);
    return account;
  }
}

/** Our reference exactly once: the first stays in its place; if there is none, it is added at the end. */
function withOurs(references: References, secretName: string): References {
  const first = references.findIndex(({ name }) => name === secretName);
  if (first < 0) return [...references, { name: secretName }];
  return references.filter(({ name }, index) => name !== secretName || index === first);
}

function withoutOurs(references: References, secretName: string): References {
  return references.filter(({ name }) => name !== secretName);
}

const REFERENCES_AFTER = { attach: withOurs, detach: withoutOurs } as const;

function describe({ namespace, name }: CachedServiceAccount): string {
  return `ServiceAccount "${name}" in namespace "${namespace}"`;
}
