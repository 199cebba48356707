/** Writes our Secrets in place: whole by server-side apply, annotations by merge patch. No answer has the content. */
import type { Attempt, PullSecrets, SecretChange } from '../../controller/ports/cluster-writes.ts';
import type { Measurements } from '../../controller/ports/measurements.ts';
import { type Instance, SECRET_ANNOTATIONS } from '../../domain/contract.ts';
import { ControllerError } from '../../domain/errors.ts';
import type { CachedPullSecret } from '../../domain/state/observed.ts';
import type { PullSecretContent } from '../../domain/state/pull-secret.ts';
import { ApiError, isConflict, isNotFound } from '../transport/api-error.ts';
import { projectPullSecret } from '../view/project-pull-secret.ts';
import { redactionOf } from './redaction.ts';
import { labelsOf, renderSecret } from './render-secret.ts';
import { APPLY_PATCH, MERGE_PATCH, METADATA, objectPath } from '../transport/resources.ts';
import type { ApiRequest, Transport } from '../transport/transport.ts';
import { isRemoved, unexpectedAnswer } from './unexpected-answer.ts';
import { sendingOf } from './sending.ts';
import { explainRefusal } from './write-errors.ts';
import { resultOf } from './write-result.ts';

interface Dependencies {
  readonly transport: Transport;
  readonly measurements: Pick<Measurements, 'written' | 'conflicted'>;
  readonly instance: Instance;
  /** Every write is only a dry run. */
  readonly isDryRun?: boolean;
  /** Passes the answer to our own write to the caches. */
  readonly absorb: (pullSecret: CachedPullSecret) => void;
  readonly forget: (pullSecret: Removed) => void;
}

type Named = Pick<CachedPullSecret, 'namespace' | 'name'>;
type Removed = Pick<CachedPullSecret, 'namespace' | 'name' | 'uid'>;
/** Without a UID, it is to be created. */
type Target = Named & Partial<Removed>;

/**
 * The writes of `PullSecrets`, which documents each method; only the leader and `cleanup` may call it. Every write has
 * preconditions: UID and resourceVersion of the observed Secret, or that none exists. So a stale plan, a repeated call
 * or a second leader fails with a `TransientError` and changes nothing; only `delete` succeeds on a Secret that is
 * gone. Every write is counted, and on success the caches have the answer before the call returns.
 *
 * Throws `ControllerError`s; no message contains any part of a token, even if the server quotes the request. One
 * request is one change, so a crash leaves the Secret either old or new. If an answer is lost, the watch reports it.
 */
export class PullSecretWriter implements Omit<PullSecrets, 'readBack'> {
  readonly #deps: Dependencies;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  async write(
    namespace: string,
    content: PullSecretContent,
    existing: CachedPullSecret | undefined,
    attempt: Attempt,
  ): Promise<void> {
    const { instance } = this.#deps;
    const { fieldManager, secretName: name } = instance;
    const body = renderSecret(content, existing, instance);
    const request: ApiRequest = {
      method: 'PATCH',
      path: objectPath(namespace, 'secrets', name),
      // Force takes over what others changed in our Secret; a creation takes nothing over.
      query: { fieldManager, force: existing !== undefined, ...this.#dryRun },
      accept: METADATA,
      contentType: APPLY_PATCH,
      body: JSON.stringify(body),
      ...sendingOf(attempt),
    };
    const verb = existing === undefined ? 'create' : 'update';
    const secret = existing ?? { namespace, name };
    await this.#send(verb, secret, request, redactionOf(content.dockerConfig));
  }

  async annotate(
    existing: CachedPullSecret,
    { removalDueAt, restoreLabels = false, removeDataKeys = [] }: SecretChange,
    attempt: Attempt,
  ): Promise<void> {
    const { fieldManager } = this.#deps.instance;
    const { namespace, name, uid, resourceVersion } = existing;
    const labels = restoreLabels ? { labels: labelsOf(this.#deps.instance) } : {};
    const annotations =
      removalDueAt === undefined
        ? {}
        : { annotations: { [SECRET_ANNOTATIONS.removalDueAt]: removalDueAt } };
    const data =
      removeDataKeys.length === 0
        ? {}
        : { data: Object.fromEntries(removeDataKeys.map((key) => [key, null])) };
    await this.#send('annotate', existing, {
      method: 'PATCH',
      path: objectPath(namespace, 'secrets', name),
      query: { fieldManager, ...this.#dryRun },
      accept: METADATA,
      contentType: MERGE_PATCH,
      body: JSON.stringify({
        metadata: { uid, resourceVersion, ...labels, ...annotations },
        ...data,
      }),
      ...sendingOf(attempt),
    });
  }

  async delete(existing: CachedPullSecret, attempt: Attempt): Promise<void> {
    const { signal, lane } = attempt;
    const { namespace, name, uid, resourceVersion } = existing;
    const { measurements, transport, isDryRun, absorb, forget } = this.#deps;
    const preconditions = { uid, resourceVersion };
    // In the body: next to one, the server ignores the query, and would delete.
    const dryRun = isDryRun === true ? { dryRun: ['All'] } : {};
    const remaining = await transport
      .request({
        method: 'DELETE',
        path: objectPath(namespace, 'secrets', name),
        // If somebody added a finalizer, the answer is the object, which must not contain the content.
        accept: METADATA,
        contentType: 'application/json',
        body: JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions, ...dryRun }),
        ...sendingOf(attempt),
      })
      .then((answer) =>
        isRemoved(answer) ? undefined : this.#readAnswer('delete', answer, existing),
      )
      .catch(async (error: unknown) => {
        if (isNotFound(error)) return;
        throw await this.#failed('delete', error, existing, { signal, lane });
      });
    measurements.written('Secret', 'delete', 'success');
    if (remaining === undefined) forget(existing);
    else absorb(remaining);
  }

  get #dryRun(): { readonly dryRun?: 'All' } {
    return this.#deps.isDryRun === true ? { dryRun: 'All' } : {};
  }

  /** `redact` removes from a refusal what it may quote from the request. */
  async #send(
    verb: string,
    secret: Target,
    request: ApiRequest,
    redact: (text: string) => string = String,
  ): Promise<void> {
    const { transport, measurements, absorb } = this.#deps;
    const pullSecret = await transport
      .request(request)
      .then((answer) => this.#readAnswer(verb, answer, secret))
      .catch(async (error: unknown) => {
        const redacted = error instanceof ApiError ? error.redactedBy(redact) : error;
        throw await this.#failed(verb, redacted, secret, request);
      });
    measurements.written('Secret', verb, 'success');
    absorb(pullSecret);
  }

  /** The Secret as the answer shows it. Throws a `TransientError` if the answer is of something else. */
  #readAnswer(verb: string, answer: unknown, { namespace, name }: Named): CachedPullSecret {
    const pullSecret = projectPullSecret(answer, this.#deps.instance);
    const isNamed = pullSecret?.namespace === namespace && pullSecret.name === name;
    const isApply = verb === 'create' || verb === 'update';
    if (isNamed && (!isApply || pullSecret.appliedByUs)) return pullSecret;
    throw unexpectedAnswer(`writing Secret "${name}" in namespace "${namespace}"`);
  }

  async #failed(verb: string, error: unknown, secret: Target, attempt: Attempt): Promise<unknown> {
    const { measurements } = this.#deps;
    measurements.written('Secret', verb, resultOf(error, attempt.signal));
    if (isConflict(error)) measurements.conflicted('Secret');
    const doing = `${GERUNDS[verb] ?? verb} Secret "${secret.name}" in namespace "${secret.namespace}"`;
    const explained = explainRefusal(error, doing);
    if (error instanceof ApiError && isOutdated(explained)) await this.#readAgain(secret, attempt);
    return explained;
  }

  /** A watch that delivers nothing must not let every attempt until the next list end in the same conflict. */
  async #readAgain({ namespace, name, uid }: Target, { signal, lane }: Attempt): Promise<void> {
    const { transport, instance, absorb, forget } = this.#deps;
    const path = objectPath(namespace, 'secrets', name);
    const answer = await transport
      .request({ method: 'GET', path, accept: METADATA, signal, lane })
      .catch((error: unknown) => {
        // Without an answer nothing is learned, and the next attempt fails like this one.
        if (isNotFound(error) && uid !== undefined) forget({ namespace, name, uid });
      });
    const current = projectPullSecret(answer, instance);
    if (current?.namespace === namespace && current.name === name) absorb(current);
  }
}

function isOutdated(error: unknown): boolean {
  return error instanceof ControllerError && error.code === 'CONFLICT';
}

const GERUNDS: Readonly<Record<string, string>> = {
  create: 'creating',
  update: 'writing',
  annotate: 'annotating',
  delete: 'deleting',
};
