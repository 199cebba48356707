/** The program's version: set by the build, `dev` when run from source. */

declare const ECR_PULL_SECRETS_VERSION: string | undefined;

export function version(): string {
  return typeof ECR_PULL_SECRETS_VERSION === 'string' ? ECR_PULL_SECRETS_VERSION : 'dev';
}
