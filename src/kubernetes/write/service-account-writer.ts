/** Attaches and detaches: our own entry of an atomic list that belongs to many. */
import type { Attempt, ServiceAccounts } from '../../controller/ports/cluster-writes.ts';
import type { Measurements } from '../../controller/ports/measurements.ts';
import type { Instance } from '../../domain/contract.ts';
import { TransientError } from '../../domain/errors.ts';
import type { CachedServiceAccount } from '../../domain/state/observed.ts';
import { isConflict } from '../transport/api-error.ts';
import { projectServiceAccount } from '../view/project-objects.ts';
import { MERGE_PATCH, objectPath } from '../transport/resources.ts';
import type { Transport } from '../transport/transport.ts';
import { explainRefusal } from './write-errors.ts';

/** Writers that race with us win at most this often before the pass is repeated from its start. */
const MOST_TRIES = 5;

type PullSecretEntries = CachedServiceAccount['imagePullSecrets'];

interface Dependencies {
  readonly transport: Transport;
  readonly instance: Pick<Instance, 'secretName'>;
  readonly measurements: Pick<Measurements, 'written' | 'conflicted'>;
  /** Makes the answer to our own write known to the caches. */
  readonly absorb: (account: CachedServiceAccount) => void;
}

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
    verb: keyof typeof ENTRIES_AFTER,
    account: CachedServiceAccount,
    attempt: Attempt,
  ): Promise<void> {
    const { measurements, instance } = this.#deps;
    let current = account;
    for (let tries = 1; ; tries += 1) {
      const entries = ENTRIES_AFTER[verb](current.imagePullSecrets, instance.secretName);
      // An entry is added or double ones go, never both.
      if (entries.length === current.imagePullSecrets.length) return;
      try {
        await this.#patch(current, entries, attempt);
        measurements.written('ServiceAccount', verb, 'success');
        return;
      } catch (error) {
        const isLost = isConflict(error);
        if (isLost) measurements.conflicted('ServiceAccount');
        if (!isLost || tries === MOST_TRIES) {
          measurements.written('ServiceAccount', verb, 'failure');
          throw explainRefusal(error, `${verb}ing ${describe(account)}`);
        }
        current = await this.#read(account, attempt.signal);
      }
    }
  }

  /** The whole new list under the version that it was made from: nobody's entry is lost to a race. */
  async #patch(
    { namespace, name, uid, resourceVersion }: CachedServiceAccount,
    imagePullSecrets: PullSecretEntries,
    { signal, confirm }: Attempt,
  ): Promise<void> {
    const answer = await this.#deps.transport.request({
      method: 'PATCH',
      path: objectPath(namespace, 'serviceaccounts', name),
      contentType: MERGE_PATCH,
      body: JSON.stringify({ metadata: { uid, resourceVersion }, imagePullSecrets }),
      ...(confirm === undefined ? {} : { onStart: confirm }),
      signal,
    });
    this.#absorb(answer);
  }

  async #read(account: CachedServiceAccount, signal: AbortSignal): Promise<CachedServiceAccount> {
    const answer = await this.#deps.transport
      .request({
        method: 'GET',
        path: objectPath(account.namespace, 'serviceaccounts', account.name),
        signal,
      })
      .catch((error: unknown) => {
        throw explainRefusal(error, `reading ${describe(account)}`);
      });
    const current = this.#absorb(answer);
    if (current?.uid === account.uid) return current;
    throw new TransientError(`reading ${describe(account)}: it was made anew`, {
      code: 'CONFLICT',
    });
  }

  #absorb(answer: unknown): CachedServiceAccount | undefined {
    const account = projectServiceAccount(answer);
    if (account !== undefined) this.#deps.absorb(account);
    return account;
  }
}

/** Ours once: the first stays where it is, else it goes to the end. */
function withOurs(entries: PullSecretEntries, secretName: string): PullSecretEntries {
  const first = entries.findIndex(({ name }) => name === secretName);
  if (first < 0) return [...entries, { name: secretName }];
  return entries.filter(({ name }, index) => name !== secretName || index === first);
}

function withoutOurs(entries: PullSecretEntries, secretName: string): PullSecretEntries {
  return entries.filter(({ name }) => name !== secretName);
}

const ENTRIES_AFTER = { attach: withOurs, detach: withoutOurs } as const;

function describe({ namespace, name }: CachedServiceAccount): string {
  return `ServiceAccount "${name}" in namespace "${namespace}"`;
}
