/** What AWS said to one identity: who it is, whether it gets a token, and whether its registries take it. */
import type { RegistryAnswer } from '../aws/aws-probe.ts';
import type { CallerAnswer } from '../aws/caller-identity.ts';
import type { RegistryToken } from '../domain/token/registry-token.ts';
import type { Attempted } from './attempted.ts';
import { type Check, failureOf } from './check.ts';
import { describeSource, describeUse, type UsedIdentity } from './distinct-identities.ts';

export interface IdentitySighting {
  readonly used: UsedIdentity;
  readonly caller: CallerAnswer;
  /** `undefined`: not asked for, where there are no credentials. */
  readonly token: Attempted<RegistryToken> | undefined;
  readonly registries: readonly RegistrySighting[];
}

export interface RegistrySighting {
  readonly host: string;
  readonly answer: RegistryAnswer;
}

const LOOK = 'look at the credentials of this profile, and at the network';
/** The session of an instance profile is called as the instance is. */
const NODE_SESSION = /\/i-[0-9a-f]{8,17}$/;

export function checkIdentity(sighting: IdentitySighting, now: Date): readonly Check[] {
  const { used, registries } = sighting;
  const refusals = registries.map((registry) => checkRegistry(registry, used.identity.service));
  return [checkCaller(sighting), checkToken(sighting, now), ...refusals];
}

function checkCaller({ used, caller }: IdentitySighting): Check {
  const check = { name: 'identity', subject: describeUse(used) } as const;
  const source = describeSource(used.identity);
  switch (caller.kind) {
    case 'noCredentials': {
      const failure = failureOf(caller.error, LOOK);
      return { ...check, ...failure, message: `${source}: ${failure.message}` };
    }
    case 'unknown': {
      const message = `${source}: STS does not say who this is (${caller.reason}), which only the doctor asks`;
      const fix = 'let STS of the region be reached, if you want to know';
      return { ...check, status: 'warning', message, fix };
    }
    case 'known': {
      const message = `${source}: account ${caller.account}, ${caller.arn}`;
      if (!NODE_SESSION.test(caller.arn)) return { ...check, status: 'ok', message };
      const shared = `${message}: the role of a node, so that whoever gets a token has that role's rights on ECR`;
      const fix =
        'see that this role can only pull, or give the controller a role of its own (IRSA, EKS Pod Identity, assumeRole)';
      return { ...check, status: 'warning', message: shared, fix };
    }
  }
}

function checkToken({ used, token }: IdentitySighting, now: Date): Check {
  const check = { name: 'token', subject: describeUse(used) } as const;
  if (token === undefined) {
    return { ...check, status: 'skipped', message: 'not asked for: there are no credentials' };
  }
  if (token.kind === 'failed') {
    return { ...check, ...failureOf(token.error, LOOK) };
  }
  const { expiresAt, expiryTrusted, ownRegistry } = token.value;
  const minutes = Math.round((expiresAt.getTime() - now.getTime()) / 60_000);
  const life = `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  if (expiryTrusted) {
    const message = `minted (own registry ${ownRegistry}), good for ${life}, until ${expiresAt.toISOString()}`;
    return { ...check, status: 'ok', message };
  }
  const message = `minted (own registry ${ownRegistry}), but its expiry can't be believed: it counts as ${life}`;
  const fix = 'set the clock right; else find what answers in the place of ECR';
  return { ...check, status: 'warning', message, fix };
}

function checkRegistry({ host, answer }: RegistrySighting, service: 'ecr' | 'ecr-public'): Check {
  const check = { name: 'registry', subject: host } as const;
  if (answer.kind === 'unreachable') {
    const { reason } = answer;
    const hasNoAddress = reason === 'ENOTFOUND' || reason === 'EAI_AGAIN';
    const message = hasNoAddress
      ? `it has no address in DNS (${reason})`
      : `it can't be reached from here (${reason}); the controller does not need it, the nodes do`;
    const fix = hasNoAddress
      ? 'check the host in the profile, and the DNS of VPC endpoints'
      : 'check proxy, VPC endpoint and egress policy, and that the nodes can reach it';
    return { ...check, status: 'warning', message, fix };
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return { ...check, status: 'ok', message: 'takes the token' };
  const message = `answers HTTP ${status} to the fresh token`;
  if (status !== 401 && status !== 403) {
    const fix = 'look for what answers in the place of the registry (a proxy, a mirror)';
    return { ...check, status: 'warning', message, fix };
  }
  const policy =
    service === 'ecr' ? ', and that policies of the VPC endpoint let the role use it' : '';
  const fix = `check that this registry exists${policy}`;
  return { ...check, status: 'failed', message, fix };
}
