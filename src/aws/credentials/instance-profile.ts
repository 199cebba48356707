/** `instanceProfile`: the node's role, by version 2 of the instance metadata only. The SDK hides what went wrong. */
import type { Environment } from '../network/aws-connection.ts';
import { parseCredentials } from './credentials-answer.ts';
import type { CredentialParts, OpenedSource } from './credential-parts.ts';
import { askLocally, type LocalRequest } from './local-request.ts';
import { SourceError } from '../errors/failures.ts';

const HOSTS: ReadonlyMap<string, string> = new Map([
  ['', 'http://169.254.169.254'],
  ['ipv4', 'http://169.254.169.254'],
  ['ipv6', 'http://[fd00:ec2::254]'],
]);
const TOKEN_PATH = '/latest/api/token';
const ROLES_PATH = '/latest/meta-data/iam/security-credentials/';
/** Life of the metadata's own token, which the two following requests need. */
const TOKEN_SECONDS = '60';

type Ask = (request: LocalRequest) => Promise<string>;

export function openInstanceProfile(parts: CredentialParts): OpenedSource {
  const { environment, clock, timeouts } = parts;
  const ask: Ask = async (request) => {
    const { status, body } = await askLocally(request, clock, timeouts.credentialsMs);
    if (status === 200) return body;
    throw new SourceError('refused by the instance metadata', { httpStatus: status });
  };
  return {
    describe: () => 'instance metadata',
    read: async () => {
      const base = urlOfMetadata(environment);
      const headers = { 'x-aws-ec2-metadata-token': await readToken(base, ask) };
      const role = await readRole(base, headers, ask);
      const url = new URL(ROLES_PATH + encodeURIComponent(role), base);
      return parseCredentials(await ask({ method: 'GET', url, headers }));
    },
  };
}

/**
 * Throws a `SourceError` if the instance metadata is disabled, or its address is unusable.
 *
 * @internal Exported for its test.
 */
export function urlOfMetadata(environment: Environment): URL {
  const disabled = environment['AWS_EC2_METADATA_DISABLED'] ?? '';
  if (disabled !== '' && disabled.toLowerCase() !== 'false') {
    throw new SourceError('the instance metadata is disabled', { kind: 'disabled' });
  }
  const mode = environment['AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE'] ?? '';
  const text =
    environment['AWS_EC2_METADATA_SERVICE_ENDPOINT'] || (HOSTS.get(mode.toLowerCase()) ?? '');
  const url = URL.parse(text);
  if (url?.protocol !== 'http:') {
    throw new SourceError('unusable address of the instance metadata', { kind: 'badVariable' });
  }
  return url;
}

/** If this fails, nothing more is requested: version 1 would work without a token. */
async function readToken(base: URL, ask: Ask): Promise<string> {
  const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_SECONDS };
  const token = await ask({ method: 'PUT', url: new URL(TOKEN_PATH, base), headers });
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new SourceError('no token in the response', { kind: 'invalidAnswer' });
}

async function readRole(
  base: URL,
  headers: Readonly<Record<string, string>>,
  ask: Ask,
): Promise<string> {
  const roles = await ask({ method: 'GET', url: new URL(ROLES_PATH, base), headers }).catch(
    (error: unknown) => {
      throw isNotFound(error) ? noRole() : error;
    },
  );
  const role = roles.trim().split('\n')[0] ?? '';
  if (role === '') throw noRole();
  return role;
}

function isNotFound(error: unknown): boolean {
  return error instanceof SourceError && error.$metadata.httpStatusCode === 404;
}

function noRole(): SourceError {
  return new SourceError('no role on the node', { kind: 'noRole' });
}
