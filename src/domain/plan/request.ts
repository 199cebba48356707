/** The first stage of a plan: what the namespace asks for, read once. */
import { type ListedAccess, accessesOf } from '../eligibility/access.ts';
import type { NamespaceRequest, ServiceAccountList } from '../eligibility/annotations.ts';
import { decideOptIn } from '../eligibility/opt-in.ts';
import type { Settings } from '../settings.ts';
import type { NamespaceRecord, PullSecretRecord } from '../state/observed.ts';

export type Request = OptedIn | OptedOut | Frozen | { readonly kind: 'excluded' };

interface OptedIn {
  readonly kind: 'in';
  /** To the profiles on the namespace's list, in its order. */
  readonly accesses: readonly ListedAccess[];
  readonly serviceAccounts: ServiceAccountList;
  readonly refreshRequestedAt: string | undefined;
}

interface OptedOut {
  readonly kind: 'out';
  /** To the profiles that its Secret is kept fresh with until it goes. */
  readonly accesses: readonly ListedAccess[];
  readonly refreshRequestedAt: string | undefined;
}

interface Frozen {
  readonly kind: 'frozen';
  /** To the profiles that its Secret has. */
  readonly accesses: readonly ListedAccess[];
  readonly faults: readonly string[];
}

export function readRequest(
  namespace: NamespaceRecord,
  pullSecret: PullSecretRecord | undefined,
  settings: Settings,
): Request {
  const optIn = decideOptIn(namespace, settings);
  const accessesTo = (names: readonly string[]) => accessesOf(names, namespace, settings);
  switch (optIn.kind) {
    case 'in': {
      const { profiles, serviceAccounts, refreshRequestedAt } = optIn.request;
      return { kind: 'in', accesses: accessesTo(profiles), serviceAccounts, refreshRequestedAt };
    }
    case 'out': {
      const { refreshRequestedAt } = optIn.request;
      const accesses = accessesTo(profilesOfLeaving(optIn.request, pullSecret));
      return { kind: 'out', accesses, refreshRequestedAt };
    }
    case 'frozen':
      return {
        kind: 'frozen',
        accesses: accessesTo(profilesIn(pullSecret)),
        faults: optIn.faults,
      };
    case 'excluded':
      return optIn;
  }
}

/** The profiles that the Secret says it has entries of, each once. */
export function profilesIn(pullSecret: PullSecretRecord | undefined): readonly string[] {
  return [...new Set((pullSecret?.tokens ?? []).map(({ profile }) => profile))];
}

/** As before: who takes all annotations off at once must not be given the default profile for the time of grace. */
function profilesOfLeaving(
  { profiles }: NamespaceRequest,
  pullSecret: PullSecretRecord | undefined,
): readonly string[] {
  const held = profilesIn(pullSecret);
  if (held.length === 0) return profiles;
  return [...new Set([...profiles.filter((name) => held.includes(name)), ...held])];
}
