/**
 * When a process may read the content of our own Secret: only to carry over an entry for which it can get no token into
 * a write. If one eligible profile is all that there is, no entry is worth a read.
 */
import { loginsOf } from '../model/config-model.ts';
import type { Facts } from '../model/facts.ts';
import type { HopRequest } from '../network/hop-request.ts';
import { type Knowledge, type Situation, situations } from '../model/knowledge.ts';
import { eligibilitiesIn, profileOf } from '../model/policy.ts';
import type { SecretFacts, TokenItem } from '../model/secret-facts.ts';
import type { IssuedTokens } from '../network/simulated-ecr.ts';
import type { Report } from '../violation.ts';
import { secretsKnown } from './write-context.ts';

/** A process that reads it this often, with no change in between, and writes nothing, will do so for ever. */
const FRUITLESS_READS = 5;
export interface ReadContext {
  readonly facts: Facts;
  readonly issued: IssuedTokens;
  readonly known: Knowledge;
  readonly hop: HopRequest;
  readonly report: Report;
  /** Until when this process last failed to get a token for that identity. */
  readonly failingUntilMs: (identity: string) => number;
}

export function checkRead(context: ReadContext): void {
  const { facts, known, hop, report } = context;
  const namespace = namespaceOf(hop);
  if (namespace === undefined) {
    const what = `${hop.process} asks for the content of more than one Secret`;
    return report({ invariant: 'I1', check: 'no contents in lists', what });
  }
  const secrets = secretsKnown(namespace, context).filter((secret) => secret !== undefined);
  const all = situations(facts, namespace, known);
  const isOfUse = all.some((one) =>
    secrets.some((secret) => secret.items.some((item) => isToCarry(item, secret, one, context))),
  );
  if (isOfUse) return;
  const what = `${hop.process} reads the content in ${namespace}, where nothing needs to be carried over`;
  report({ invariant: 'I8', check: 'no needless reads', what });
}

/** An entry that counts and can't be minted again, next to another one that is written. */
function isToCarry(
  item: TokenItem,
  secret: SecretFacts,
  rules: Situation,
  { known, failingUntilMs }: ReadContext,
): boolean {
  const eligibility = eligibilitiesIn(rules, secret.items).get(item.profile);
  if (eligibility === undefined) return false;
  if (eligibility !== 'eligible') return true;
  const logins = [...eligibilitiesIn(rules, secret.items)].flatMap(([name, one]) =>
    one === 'eligible' ? loginsOf(profileOf(name, rules.config) ?? NO_PROFILE) : [],
  );
  const isAlone = logins.length < 2 && secret.items.length < 2;
  const profile = profileOf(item.profile, rules.config) ?? NO_PROFILE;
  return (
    !isAlone &&
    loginsOf(profile).some(({ identity }) => failingUntilMs(identity) >= known.namespacesSinceMs)
  );
}

const NO_PROFILE = {
  name: '',
  role: undefined,
  hosts: [],
  allowed: undefined,
  isFaulty: false,
} as const;

/** The only Secret that may be read: `undefined` for a list. */
function namespaceOf({ path }: HopRequest): string | undefined {
  return /^\/api\/v1\/namespaces\/([^/]+)\/secrets\/ecr-pull-secret$/.exec(path)?.[1];
}

/** Counts reads that lead to nothing. */
export class FruitlessReads {
  readonly #counts = new Map<string, number>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  read(hop: HopRequest): void {
    const key = keyOf(hop);
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (count < FRUITLESS_READS) return;
    const what = `${hop.process} has read ${hop.path} ${count} times without a write`;
    this.#report({ invariant: 'I8', check: 'no endless reads', what });
  }

  /** It writes after all. */
  wrote(hop: HopRequest): void {
    this.#counts.delete(keyOf(hop));
  }

  /** Everything decided for this namespace has to be decided again. */
  changed(namespace: string | undefined): void {
    for (const key of this.#counts.keys()) {
      if (namespace === undefined || key.includes(`/namespaces/${namespace}/`)) {
        this.#counts.delete(key);
      }
    }
  }
}

function keyOf({ process, path }: HopRequest): string {
  return `${process} ${path}`;
}
