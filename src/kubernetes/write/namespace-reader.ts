/** Reads a namespace from the server, not from the cache, before a step that can't be undone. */
import type { Attempt, Namespaces } from '../../controller/ports/cluster-writes.ts';
import { ObsoleteError, TransientError } from '../../domain/errors.ts';
import type { CachedNamespace } from '../../domain/state/observed.ts';
import { projectNamespace } from '../view/project-objects.ts';
import { unreadNamespace } from '../view/unread-objects.ts';
import { METADATA, namespacePath } from '../transport/resources.ts';
import type { Transport } from '../transport/transport.ts';
import { sendingOf } from './sending.ts';
import { explainRefusal } from './write-errors.ts';

interface Dependencies {
  readonly transport: Transport;
  /** Passes what was read to the caches. */
  readonly absorb: (namespace: CachedNamespace) => void;
}

export class NamespaceReader implements Namespaces {
  readonly #deps: Dependencies;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  async read({ name }: CachedNamespace, attempt: Attempt): Promise<void> {
    this.#deps.absorb(await this.#present(name, `reading namespace "${name}"`, attempt));
  }

  async confirmUnchanged(observed: CachedNamespace, attempt: Attempt): Promise<void> {
    const { name, uid, resourceVersion } = observed;
    const doing = `confirming namespace "${name}"`;
    const current = await this.#present(name, doing, attempt);
    if (current.uid === uid && current.resourceVersion === resourceVersion) return;
    this.#deps.absorb(current);
    throw new TransientError(`${doing}: it changed since it was observed`, { code: 'CONFLICT' });
  }

  async #present(name: string, doing: string, attempt: Attempt): Promise<CachedNamespace> {
    const answer = await this.#deps.transport
      .read({ method: 'GET', path: namespacePath(name), accept: METADATA, ...sendingOf(attempt) })
      .catch((error: unknown) => {
        throw explainRefusal(error, doing);
      });
    const current =
      answer.kind === 'tooLarge' ? unreadNamespace(answer.meta) : projectNamespace(answer.object);
    if (current !== undefined && !current.terminating) return current;
    throw new ObsoleteError(`${doing}: it is being deleted`, { code: 'OBJECT_GONE' });
  }
}
