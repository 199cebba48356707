/** The roles of an account, in a form that allows to compare those of a template with those of commands. */
import type { PolicyDocument } from './iam-manifests.ts';
import type { AccountProfile, MotoCloud } from './moto-cloud.ts';

export interface Role {
  readonly name: string;
  readonly trust: PolicyDocument;
  /** By policy name. */
  readonly policies: Readonly<Record<string, PolicyDocument>>;
  readonly instanceProfiles: number;
}

interface RoleDetail {
  readonly RoleName: string;
  readonly AssumeRolePolicyDocument: PolicyDocument;
  readonly RolePolicyList: readonly {
    readonly PolicyName: string;
    readonly PolicyDocument: PolicyDocument;
  }[];
  readonly InstanceProfileList: readonly unknown[];
}

/** Sorted by name; a name that CloudFormation generated is reduced to its stack's name. */
export async function rolesOf(
  cloud: MotoCloud,
  profile: AccountProfile = 'default',
): Promise<readonly Role[]> {
  const flags = profile === 'default' ? [] : ['--profile', profile];
  const output = await cloud.aws(
    ...flags,
    'iam',
    'get-account-authorization-details',
    '--filter',
    'Role',
  );
  const { RoleDetailList } = output as { readonly RoleDetailList: readonly RoleDetail[] };
  const roles = RoleDetailList.map(toRole);
  return roles.toSorted((a, b) => a.name.localeCompare(b.name));
}

function toRole(detail: RoleDetail): Role {
  return {
    name: detail.RoleName.replace(/-Role-\w+$/, ''),
    trust: normal(detail.AssumeRolePolicyDocument),
    policies: Object.fromEntries(
      detail.RolePolicyList.map(({ PolicyName, PolicyDocument: document }) => [
        PolicyName,
        normal(document),
      ]),
    ),
    instanceProfiles: detail.InstanceProfileList.length,
  };
}

/** IAM treats a single value and a list of one value alike. */
function normal({ Version, Statement }: PolicyDocument): PolicyDocument {
  return {
    Version,
    Statement: Statement.map((statement) => ({
      ...statement,
      Action: [statement.Action].flat().toSorted(),
      ...(statement.Resource === undefined ? {} : { Resource: [statement.Resource].flat() }),
    })),
  };
}
