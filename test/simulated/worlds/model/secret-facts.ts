/** What a Secret and a ServiceAccount contain, read by the oracle's own code. */
import type { ApiObject } from '../../../../simulator/objects/api-object.ts';
import { SECRET_NAME, isTerminating } from './policy.ts';
import type { IssuedToken, IssuedTokens } from '../network/simulated-ecr.ts';

const PREFIX = 'ecr-pull-secrets.io';
export const DUE_AT = `${PREFIX}/removal-due-at`;
const TOKENS = `${PREFIX}/tokens`;
const DESCRIBING = [
  `${PREFIX}/expires-at`,
  `${PREFIX}/registries`,
  TOKENS,
  `${PREFIX}/config-hash`,
];

/** One record of the annotation `tokens`. */
export interface TokenItem {
  readonly profile: string;
  /** A hash: only the calls to ECR say which one belongs to which identity. */
  readonly identity: string;
  /** In the order of the annotation, which should be sorted. */
  readonly hosts: readonly string[];
  readonly mintedMs: number;
  readonly expiresMs: number;
}

export interface SecretFacts {
  readonly type: unknown;
  /** Has our Apply entry: we may delete it. */
  readonly isApplied: boolean;
  /** Has our label on the right type: we may refresh it. */
  readonly isLabelled: boolean;
  /** The data and the annotations that describe it are as we applied them. */
  readonly isIntact: boolean;
  readonly isImmutable: boolean;
  /** Is being deleted. */
  readonly isGoing: boolean;
  /** By host: what ECR knows of the token; `undefined` if ECR never issued it. */
  readonly tokens: ReadonlyMap<string, IssuedToken | undefined>;
  /** In our own key: nothing but hosts with one `auth` each. */
  readonly isWellFormed: boolean;
  readonly hasForeignKeys: boolean;
  readonly items: readonly TokenItem[];
  readonly missingAnnotations: readonly string[];
  /** The earliest time in `dueAt`. */
  readonly dueAtMs: number | undefined;
  /** By profile; under '' the time for the whole Secret. */
  readonly dueAt: ReadonlyMap<string, number>;
  readonly requested: string | undefined;
}

export function readSecret(secret: ApiObject, issued: IssuedTokens): SecretFacts {
  const { annotations = {}, labels = {}, managedFields = [] } = secret.metadata;
  const entry = managedFields.find(
    ({ manager, operation }) => manager === 'ecr-pull-secrets' && operation === 'Apply',
  );
  const fields = JSON.stringify(entry?.fieldsV1 ?? {});
  const { tokens, isWellFormed, hasForeignKeys } = readData(secret['data'], issued);
  const dueAt = readDueAt(annotations[DUE_AT]);
  const isRightType = secret['type'] === 'kubernetes.io/dockerconfigjson';
  const instance = labels['app.kubernetes.io/instance'] ?? 'default';
  return {
    type: secret['type'],
    isApplied: entry !== undefined,
    isLabelled:
      isRightType &&
      labels['app.kubernetes.io/managed-by'] === 'ecr-pull-secrets' &&
      instance === 'default',
    isIntact: ['.dockerconfigjson', TOKENS].every((field) => fields.includes(`"f:${field}"`)),
    isImmutable: secret['immutable'] === true,
    isGoing: isTerminating(secret),
    tokens,
    isWellFormed,
    hasForeignKeys,
    items: readItems(annotations[TOKENS]),
    missingAnnotations: DESCRIBING.filter((key) => annotations[key] === undefined),
    dueAtMs: dueAt.size === 0 ? undefined : Math.min(...dueAt.values()),
    dueAt,
    requested: annotations[`${PREFIX}/refresh-requested-at`],
  };
}

/** The names in `imagePullSecrets`, in order. */
export function entriesOf(account: ApiObject): readonly string[] {
  const entries = (account['imagePullSecrets'] ?? []) as readonly { readonly name?: string }[];
  return entries.map(({ name = '' }) => name);
}

export function oursIn(account: ApiObject): number {
  return entriesOf(account).filter((name) => name === SECRET_NAME).length;
}

function readData(
  data: unknown,
  issued: IssuedTokens,
): Pick<SecretFacts, 'tokens' | 'isWellFormed' | 'hasForeignKeys'> {
  const fields = Object.entries((data ?? {}) as Readonly<Record<string, string>>);
  const text = fields.find(([key]) => key === '.dockerconfigjson')?.[1] ?? '';
  const { auths, ...rest } = parse(Buffer.from(text, 'base64').toString());
  const entries = Object.entries((auths ?? {}) as Readonly<Record<string, unknown>>);
  const tokens = entries.map(([host, entry]) => {
    const { auth } = (entry ?? {}) as { readonly auth?: unknown };
    return [host, issued.get(typeof auth === 'string' ? auth : '')] as const;
  });
  const isWellFormed =
    entries.length > 0 &&
    Object.keys(rest).length === 0 &&
    entries.every(([, entry]) => Object.keys(entry as object).join() === 'auth');
  const hasForeignKeys = fields.some(([key]) => key !== '.dockerconfigjson');
  return { tokens: new Map(tokens), isWellFormed, hasForeignKeys };
}

function readItems(text: string | undefined): readonly TokenItem[] {
  const items: unknown = parse(text ?? '[]');
  if (!Array.isArray(items)) return [];
  return (items as readonly Readonly<Record<string, unknown>>[]).map((item) => ({
    profile: String(item['profile']),
    identity: String(item['identity']),
    hosts: Array.isArray(item['registries']) ? item['registries'].map(String) : [],
    mintedMs: Date.parse(String(item['mintedAt'])),
    expiresMs: Date.parse(String(item['expiresAt'])),
  }));
}

function readDueAt(text: string | undefined): ReadonlyMap<string, number> {
  const items = text === undefined ? [] : text.split(',');
  return new Map(
    items.map((item) => {
      const [time = '', profile = ''] = item.split('=').reverse();
      return [profile, Date.parse(time)];
    }),
  );
}

/** When this profile's part must be removed. */
export function dueMsOf({ dueAt }: SecretFacts, profile: string): number | undefined {
  return dueAt.get('') ?? dueAt.get(profile);
}

/** The token of a record, taken from the hosts that only this record has; `undefined`: none, several, or another's. */
export function tokenOf(
  item: TokenItem,
  { items, tokens }: Pick<SecretFacts, 'items' | 'tokens'>,
): IssuedToken | undefined {
  const others = items.filter((other) => other !== item);
  const own = item.hosts.filter((host) => !others.some(({ hosts }) => hosts.includes(host)));
  const found = new Set((own.length > 0 ? own : item.hosts).map((host) => tokens.get(host)));
  const [token] = found;
  return found.size === 1 && token?.hash === item.identity ? token : undefined;
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
