/** What every runtime must be able to send as a registry login; checked before anything else looks at it. Quotes nothing. */
import { TransientError } from '../domain/errors.ts';
import { SecretText } from '../domain/secret-text.ts';

/** Passwords of 2.3 to 3.2 kB have been seen; a Secret must hold many. */
const LONGEST_TOKEN = 16 * 1024;

/** `token`: as it came, base64("AWS:" + password). Throws what `invalidAnswer` gives. */
export function parseAuthorizationToken(token: unknown, region: string): SecretText {
  const slip = slipInToken(token);
  if (slip !== undefined) throw invalidAnswer(region, slip);
  return new SecretText(String(token));
}

export function invalidAnswer(region: string, slip: string): TransientError {
  return new TransientError(`minting ECR token in ${region}: the answer can't be used: ${slip}`, {
    code: 'ECR_INVALID_ANSWER',
    eventReason: 'TokenRequestFailed',
    remedy: 'check what answers in the place of ECR (a proxy, AWS_ENDPOINT_URL_ECR)',
  });
}

/** What the kubelet and every container runtime must be able to send: `AWS:<password>` in strict base64. */
function slipInToken(token: unknown): string | undefined {
  if (typeof token !== 'string' || token === '') return 'it holds no authorizationToken';
  if (token.length > LONGEST_TOKEN) return 'its authorizationToken is longer than 16 KiB';
  const text = Buffer.from(token, 'base64').toString('latin1');
  if (Buffer.from(text, 'latin1').toString('base64') !== token) {
    return 'its authorizationToken is not base64';
  }
  // The password comes after the first colon, and may hold others.
  const colon = text.indexOf(':');
  if (text.slice(0, Math.max(colon, 0)) !== 'AWS') {
    return 'its authorizationToken is not for user AWS';
  }
  const password = text.slice(colon + 1);
  if (password === '') return 'its authorizationToken has no password';
  return /^[\x21-\x7e]+$/.test(password)
    ? undefined
    : 'its authorizationToken has characters that are not printable ASCII';
}
