/** From an identity to its credentials: first those of the source, then one role after the other. */
import { withDeadline } from '../../base/deadline.ts';
import type { Identity } from '../../domain/identity.ts';
import { assumeRole } from './assume-role.ts';
import type { AwsCredentials } from '../network/aws-connection.ts';
import type { CredentialParts, CredentialProvider } from './credential-parts.ts';
import { type CredentialStep, CredentialsFailure } from '../errors/failures.ts';
import { openSource } from './credential-source.ts';
import { cacheCredentials } from './cache-credentials.ts';

/** A step on the way, and what to call it while it runs. */
interface Step {
  readonly kind: CredentialStep;
  readonly describe: () => string;
  readonly take: (before: AwsCredentials | undefined) => Promise<AwsCredentials>;
}

/**
 * Takes all steps unless it has live credentials, and asks only the named source. Rejects with a `CredentialsFailure`
 * that names the step, also if all steps together take longer than one call to AWS may.
 */
export function credentialsOf(identity: Identity, parts: CredentialParts): CredentialProvider {
  const { clock, timeouts } = parts;
  const steps = stepsOf(identity, parts);
  const limitMs = timeouts.connectionMs + timeouts.requestMs;
  const walk = async (): Promise<AwsCredentials> => {
    const progress: { step: Step | undefined } = { step: undefined };
    try {
      return await withDeadline(clock, { limitMs }, () => takeAll(steps, progress));
    } catch (error) {
      const { step } = progress;
      throw new CredentialsFailure(error, step?.kind ?? 'auto', step?.describe() ?? '');
    }
  };
  return cacheCredentials(walk, clock);
}

async function takeAll(
  steps: readonly Step[],
  progress: { step: Step | undefined },
): Promise<AwsCredentials> {
  let credentials: AwsCredentials | undefined;
  for (const step of steps) {
    progress.step = step;
    credentials = await step.take(credentials);
  }
  if (credentials === undefined) throw new Error('an identity without a source');
  return credentials;
}

function stepsOf({ source, assumeRole: roles }: Identity, parts: CredentialParts): readonly Step[] {
  const { credentials } = parts;
  const opened =
    credentials === undefined
      ? openSource(source, parts)
      : { describe: () => 'given', read: () => Promise.resolve(credentials) };
  const first: Step = { kind: source.kind, describe: opened.describe, take: () => opened.read() };
  const others = roles.map((role, index): Step => ({
    kind: 'assumedRole',
    describe: () => `assumed role ${index + 1} of ${roles.length}`,
    take: (before) => assumeRole(role, before, parts.sdk),
  }));
  return [first, ...others];
}
