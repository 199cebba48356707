/** Checks one identity by AWS's answers: who it is, whether it gets a token, and whether its registries accept it. */
import type { RegistryAnswer } from '../aws/aws-probe.ts';
import type { CallerAnswer } from '../aws/caller-identity.ts';
import type { RegistryToken } from '../domain/token/registry-token.ts';
import type { Attempted } from './attempted.ts';
import { type Check, failureOf } from './check.ts';
import { describeSource, describeUse, type UsedIdentity } from './distinct-identities.ts';

export interface IdentityFindings {
  readonly used: UsedIdentity;
  readonly caller: CallerAnswer;
  /** `undefined`: not requested, because there are no credentials. */
  readonly token: Attempted<RegistryToken> | undefined;
  readonly registries: readonly RegistryFindings[];
}

export interface RegistryFindings {
  readonly host: string;
  readonly answer: RegistryAnswer;
}

const CHECK_CREDENTIALS = 'check the credentials of this profile, and the network';
/** The session of an instance profile has the name of the instance. */
const NODE_SESSION = /\/i-[0-9a-f]{8,17}$/;

export function checkIdentity(findings: IdentityFindings, now: Date): readonly Check[] {
  const { used, registries } = findings;
  const refusals = registries.map((registry) => checkRegistry(registry, used.identity.service));
  return [checkCaller(findings), checkToken(findings, now), ...refusals];
}

function checkCaller({ used, caller }: IdentityFindings): Check {
  const check = { name: 'identity', subject: describeUse(used) } as const;
  const source = describeSource(used.identity);
  switch (caller.kind) {
    case 'noCredentials': {
      const failure = failureOf(caller.error, CHECK_CREDENTIALS);
      return { ...check, ...failure, message: `${source}: ${failure.message}` };
    }
    case 'unknown': {
      const message = `${source}: STS does not say whose credentials these are (${caller.reason}); the controller works without knowing`;
      const fix = 'if you want to know, allow access to STS in this region';
      return { ...check, status: 'warning', message, fix };
    }
    case 'known': {
      const message = `${source}: account ${caller.account}, ${caller.arn}`;
      if (!NODE_SESSION.test(caller.arn)) return { ...check, status: 'ok', message };
      const shared = `${message}: this is the role of a node, so whoever gets a token has that role's permissions on ECR`;
      const fix =
        'make sure that this role can only pull, or give the controller a role of its own (IRSA, EKS Pod Identity, assumeRole)';
      return { ...check, status: 'warning', message: shared, fix };
    }
  }
}

function checkToken({ used, token }: IdentityFindings, now: Date): Check {
  const check = { name: 'token', subject: describeUse(used) } as const;
  if (token === undefined) {
    return { ...check, status: 'skipped', message: 'not requested: there are no credentials' };
  }
  if (token.kind === 'failed') {
    return { ...check, ...failureOf(token.error, CHECK_CREDENTIALS) };
  }
  const { expiresAt, expiryTrusted, ownRegistry } = token.value;
  const minutes = Math.round((expiresAt.getTime() - now.getTime()) / 60_000);
  const life = `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const registry =
    used.identity.service === 'ecr' ? `registry of its account: ${ownRegistry}` : ownRegistry;
  if (expiryTrusted) {
    const message = `minted (${registry}), valid for ${life}, until ${expiresAt.toISOString()}`;
    return { ...check, status: 'ok', message };
  }
  const message = `minted (${registry}), but its expiry is implausible, so it is treated as valid for ${life}`;
  const fix = 'correct the clock; if it is right, find out what responds instead of ECR';
  return { ...check, status: 'warning', message, fix };
}

function checkRegistry({ host, answer }: RegistryFindings, service: 'ecr' | 'ecr-public'): Check {
  const check = { name: 'registry', subject: host } as const;
  if (answer.kind === 'unreachable') {
    const { reason } = answer;
    const hasNoAddress = reason === 'ENOTFOUND' || reason === 'EAI_AGAIN';
    const message = hasNoAddress
      ? `no address in DNS (${reason})`
      : `can't be reached from here (${reason}); the nodes need to reach it, the controller does not`;
    const fix = hasNoAddress
      ? 'check the host in the profile, and the DNS of VPC endpoints'
      : 'check proxy, VPC endpoint and egress policy, and that the nodes can reach it';
    return { ...check, status: 'warning', message, fix };
  }
  const { status } = answer;
  if (status >= 200 && status < 300) {
    return { ...check, status: 'ok', message: 'accepts the token' };
  }
  const message = `responds to the fresh token with HTTP ${status}`;
  if (status !== 401 && status !== 403) {
    const fix = 'find out what responds instead of the registry (a proxy, a mirror)';
    return { ...check, status: 'warning', message, fix };
  }
  const policy =
    service === 'ecr' ? ', and that the policies of the VPC endpoint allow the role to use it' : '';
  const fix = `check that this registry exists${policy}`;
  return { ...check, status: 'failed', message, fix };
}
