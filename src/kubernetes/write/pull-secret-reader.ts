/**
 * Reads the content of our own Secret, the only place that does. It is the only way to carry over an entry whose token
 * can't be minted and is not cached in memory. The content leaves this file only as `SecretText`.
 */
import { fieldOf, parseJson, recordOf } from '../../base/json.ts';
import type { Attempt, PullSecrets } from '../../controller/ports/cluster-writes.ts';
import { type Instance, SECRET_DATA_KEY } from '../../domain/contract.ts';
import { TransientError } from '../../domain/errors.ts';
import type { CachedPullSecret } from '../../domain/state/observed.ts';
import { SecretText } from '../../domain/secret-text.ts';
import { isNotFound } from '../transport/api-error.ts';
import { projectPullSecret } from '../view/project-pull-secret.ts';
import { objectPath } from '../transport/resources.ts';
import type { Transport } from '../transport/transport.ts';
import { explainRefusal } from './write-errors.ts';
import { sendingOf } from './sending.ts';

interface Dependencies {
  readonly transport: Transport;
  readonly instance: Instance;
  /** Passes the metadata, and only that, to the caches. */
  readonly absorb: (pullSecret: CachedPullSecret) => void;
}

type Authorizations = ReadonlyMap<string, SecretText>;

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const NOTHING: Authorizations = new Map();

export class PullSecretReader implements Pick<PullSecrets, 'readBack'> {
  readonly #deps: Dependencies;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  async readBack(existing: CachedPullSecret, attempt: Attempt): Promise<Authorizations> {
    const { transport, instance, absorb } = this.#deps;
    const { namespace, name, uid, resourceVersion } = existing;
    const doing = `reading back Secret "${name}" in namespace "${namespace}"`;
    const answer = await transport
      .request({
        method: 'GET',
        path: objectPath(namespace, 'secrets', name),
        ...sendingOf(attempt),
      })
      .catch((error: unknown) => {
        throw isNotFound(error) ? outdated(doing) : explainRefusal(error, doing);
      });
    const current = projectPullSecret(answer, instance);
    if (current?.uid !== uid || current.resourceVersion !== resourceVersion) {
      if (current !== undefined) absorb(current);
      throw outdated(doing);
    }
    const isProven = current.appliedByUs && current.dataOurs && current.tokensOurs;
    return isProven ? authorizationsIn(fieldOf(answer, 'data')) : NOTHING;
  }
}

/** A plan uses the state that the watch reported, so the next plan uses the state that the Secret has by then. */
function outdated(doing: string): TransientError {
  return new TransientError(`${doing}: it changed since it was observed`, { code: 'CONFLICT' });
}

/** By host. Whatever we could not have written is left out. */
function authorizationsIn(data: unknown): Authorizations {
  const encoded = fieldOf(data, SECRET_DATA_KEY);
  if (typeof encoded !== 'string') return NOTHING;
  const auths = fieldOf(parseJson(Buffer.from(encoded, 'base64').toString()), 'auths');
  const authorizations = new Map<string, SecretText>();
  for (const [host, entry] of Object.entries(recordOf(auths))) {
    const auth = fieldOf(entry, 'auth');
    if (isOfEcr(auth)) authorizations.set(host, new SecretText(auth));
  }
  return authorizations;
}

function isOfEcr(auth: unknown): auth is string {
  if (typeof auth !== 'string' || !BASE64.test(auth)) return false;
  const [user, password = ''] = Buffer.from(auth, 'base64').toString().split(':', 2);
  return user === 'AWS' && password !== '';
}
