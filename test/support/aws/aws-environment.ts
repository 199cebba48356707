/** Gives the SDK the test's own environment; the SDK reads `process.env` itself. */
import { acceptNodeErrors } from '../suite/one-error-realm.ts';

/** Replaces all AWS variables, so that nothing from the machine is found. Returns a function that restores them. */
export function useAwsEnvironment(variables: Readonly<Record<string, string>>): () => void {
  acceptNodeErrors();
  const saved = Object.entries(process.env).filter(([name]) => name.startsWith('AWS_'));
  forgetAll();
  Object.assign(process.env, {
    AWS_CONFIG_FILE: '/nonexistent/config',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...variables,
  });
  return () => {
    forgetAll();
    Object.assign(process.env, Object.fromEntries(saved));
  };
}

function forgetAll(): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) delete process.env[name];
  }
}
