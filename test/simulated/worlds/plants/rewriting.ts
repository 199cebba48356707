/** Takes the content of a Secret apart and puts it together again. */
import type { PullSecrets } from '../../../../src/controller/ports/cluster-writes.ts';
import type { PullSecretContent } from '../../../../src/domain/state/pull-secret.ts';
import { SecretText } from '../../../../src/domain/secret-text.ts';
import { besides } from './plant.ts';

export interface Item {
  readonly profile: string;
  readonly identity: string;
  readonly registries: readonly string[];
  readonly mintedAt: string;
  readonly expiresAt: string;
}

const TOKENS = 'ecr-pull-secrets.io/tokens';

/** Every write has other content than the program intended; `old`: what is there already. */
export function rewriting(
  real: PullSecrets,
  change: (
    content: PullSecretContent,
    old: readonly string[],
  ) => PullSecretContent | Promise<PullSecretContent>,
): PullSecrets {
  return {
    ...besides(real),
    write: async (namespace, content, existing, attempt) => {
      const old = (existing?.tokens ?? []).map(
        ({ profile, identity, mintedAt }) => `${profile} ${identity} ${mintedAt.toISOString()}`,
      );
      await real.write(namespace, await change(content, old), existing, attempt);
    },
  };
}

export function isOld({ profile, identity, mintedAt }: Item, old: readonly string[]): boolean {
  return old.includes(`${profile} ${identity} ${mintedAt}`);
}

export function itemsOf({ annotations }: PullSecretContent): readonly Item[] {
  return JSON.parse(annotations[TOKENS] ?? '[]') as readonly Item[];
}

type Auths = Readonly<Record<string, { readonly auth: string }>>;

export function authsOf({ dockerConfig }: PullSecretContent): Auths {
  return (JSON.parse(dockerConfig.reveal()) as { readonly auths: Auths }).auths;
}

export function rendered(
  { annotations }: PullSecretContent,
  items: readonly Item[],
  auths: Auths,
): PullSecretContent {
  return {
    dockerConfig: new SecretText(JSON.stringify({ auths })),
    annotations: { ...annotations, [TOKENS]: JSON.stringify(items) },
  };
}
