/** `podIdentity`: the EKS Pod Identity agent of the node. The SDK's own client would lose the cause of a refusal. */
import type { Environment } from '../network/aws-connection.ts';
import { parseCredentials } from './credentials-answer.ts';
import type { CredentialParts, OpenedSource } from './credential-parts.ts';
import { askLocally, type LocalAnswer } from './local-request.ts';
import { SourceError } from '../errors/failures.ts';
import { readTokenFile } from './token-file.ts';

/** A token may be sent in clear text only to these, as in every AWS SDK. */
const PLAIN_HOSTS =
  /^(localhost|127(\.\d{1,3}){3}|\[::1\]|169\.254\.170\.23|169\.254\.170\.2|\[fd00:ec2::23\])$/;

/** `[request id]: (Code): text, fault: client`: how the agent writes an error from EKS. */
const REFUSAL = /^(?:\[([\w-]{1,64})\]: )?\((\w{1,80})\): /;

export function openPodIdentity(parts: CredentialParts): OpenedSource {
  const { environment, clock, timeouts } = parts;
  return {
    describe: () => 'EKS Pod Identity',
    read: async () => {
      const url = urlOfAgent(environment);
      const headers = await authorization(environment);
      const request = { method: 'GET', url, headers } as const;
      const answer = await askLocally(request, clock, timeouts.credentialsMs);
      if (answer.status !== 200) throw refusal(answer);
      return parseCredentials(answer.body);
    },
  };
}

/**
 * Throws a `SourceError` if no agent is named, or one that must not see the token.
 *
 * @internal Exported for its test.
 */
export function urlOfAgent(environment: Environment): URL {
  const text = environment['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  if (!text) throw new SourceError('no agent in the environment', { kind: 'noProvider' });
  const url = URL.parse(text);
  const isPlainAllowed = url?.protocol === 'http:' && PLAIN_HOSTS.test(url.hostname);
  if (url === null || !(isPlainAllowed || url.protocol === 'https:')) {
    throw new SourceError('not a permitted address of an agent', { kind: 'badVariable' });
  }
  return url;
}

async function authorization(environment: Environment): Promise<Record<string, string>> {
  const file = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  const token = file ? await readTokenFile(file) : environment['AWS_CONTAINER_AUTHORIZATION_TOKEN'];
  if (!token) throw new SourceError('no token for the agent', { kind: 'noProvider' });
  return { authorization: token, accept: 'application/json' };
}

function refusal({ status, body }: LocalAnswer): SourceError {
  const [, requestId, name] = REFUSAL.exec(body) ?? [];
  return new SourceError(body, { name, requestId, httpStatus: status });
}
