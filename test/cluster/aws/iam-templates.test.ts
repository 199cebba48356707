/** The templates and commands of docs/aws-permissions.md on an independent imitation of AWS: what they create. */
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import {
  iamFiles,
  jsonPolicy,
  ROOT,
  template,
  templateDocument,
} from '../../support/aws/iam-manifests.ts';
import { rolesOf } from '../../support/aws/iam-roles.ts';
import { ACCOUNT, MotoCloud, OTHER_ACCOUNT } from '../../support/aws/moto-cloud.ts';
import {
  blocksOf,
  isForCloudFormation,
  NOT_RUN,
  withSetUp,
} from '../../support/aws/permissions-page.ts';

const TEMPLATES = iamFiles('.yaml');
/** moto 5.2.5 has no Pod Identity, neither in CloudFormation nor in EKS, and fails at that resource. */
const NOT_AT_MOTO = 'AWS::EKS::PodIdentityAssociation';

let cloud: MotoCloud;
/** A copy of manifests/iam that leaves out exactly the resources of that type. */
let folder: string;
let leftOut: readonly string[];

const INSTALLATION_MS = 300_000;

beforeAll(async () => {
  cloud = await MotoCloud.start();
  folder = join(cloud.dir, 'checkout');
  await cp(join(ROOT, 'manifests/iam'), join(folder, 'manifests/iam'), { recursive: true });
  leftOut = (await Promise.all(TEMPLATES.map(copyWhatMotoKnows))).flat();
}, INSTALLATION_MS);
closeAfterAll(() => [cloud]);
beforeEach(async () => cloud.reset());

/** Returns the resources that are left out. */
async function copyWhatMotoKnows(name: string): Promise<readonly string[]> {
  const document = templateDocument(name);
  const { Resources, Outputs } = template(name);
  const omitted = Object.keys(Resources).filter((key) => Resources[key]?.Type === NOT_AT_MOTO);
  for (const resource of omitted) {
    document.deleteIn(['Resources', resource]);
    for (const output of Object.keys(Outputs)) {
      const value = String(document.getIn(['Outputs', output, 'Value']));
      if (value.startsWith(`${resource}.`)) document.deleteIn(['Outputs', output]);
    }
  }
  if (omitted.length > 0) await writeFile(join(folder, 'manifests/iam', name), String(document));
  return omitted.map((resource) => `${name} ${resource}`);
}

/** Runs the page's instructions in this section: with its template, or with its commands. */
async function followThePage(section: string, how: 'template' | 'commands'): Promise<void> {
  const blocks = blocksOf(section).filter(
    (text) => !NOT_RUN.test(text) && isForCloudFormation(text) === (how === 'template'),
  );
  expect(blocks).not.toHaveLength(0);
  for (const text of blocks) await cloud.shell(withSetUp(text), folder);
}

describe('cfn-lint', () => {
  it('finds nothing in the templates', async () => {
    const files = TEMPLATES.map((name) => join('manifests/iam', name));
    expect(await cloud.run('cfn-lint', files)).toBe('');
  });

  it('finds a property that does not exist', async () => {
    const document = templateDocument('node-role.yaml');
    document.setIn(['Resources', 'Role', 'Properties', 'Trust'], 'anybody');
    const file = join(cloud.dir, 'bad.yaml');
    await writeFile(file, String(document));

    await expect(cloud.run('cfn-lint', [file])).rejects.toMatchObject({
      stdout: expect.stringContaining("'Trust'"),
    });
  });
});

describe('what moto does not support', () => {
  it('is one resource of one template', async () => {
    expect(leftOut).toEqual(['pod-identity-role.yaml Association']);
    // moto leaves it out silently, so the whole template can't show more than the copy does.
    const [deploy = ''] = blocksOf('Pod Identity').filter(isForCloudFormation);
    await cloud.shell(withSetUp(deploy));
    const stack = ['--stack-name', 'ecr-pull-secrets'];
    const answer = await cloud.aws('cloudformation', 'describe-stack-resources', ...stack);
    const { StackResources: made } = answer as {
      StackResources: readonly { ResourceType?: string }[];
    };
    const types = made.flatMap(({ ResourceType = [] }) => ResourceType);
    expect(types).toEqual(['AWS::IAM::Role', 'AWS::IAM::Policy']);
  });

  it('is the command for it', async () => {
    const [command = '', ...others] = blocksOf('Pod Identity').filter((text) => NOT_RUN.test(text));
    expect(others).toEqual([]);
    await expect(cloud.shell(withSetUp(command))).rejects.toThrow('404');
  });
});

describe('the page', () => {
  it.each(['Web identity', 'Pod Identity', 'Nodes'])(
    'makes the same role by template and by commands: %s',
    async (section) => {
      await followThePage(section, 'template');
      const ofTemplate = await rolesOf(cloud);
      await cloud.reset();
      await followThePage(section, 'commands');

      expect(ofTemplate).toHaveLength(1);
      expect(await rolesOf(cloud)).toEqual(ofTemplate);
    },
  );

  it('makes the same role in another account by template and by commands', async () => {
    await followThePage('A role in another account', 'template');
    const ofTemplate = await rolesOf(cloud, 'other');
    await cloud.reset();
    await followThePage('Web identity', 'commands');
    await followThePage('A role in another account', 'commands');

    expect(ofTemplate.map(({ name }) => name)).toEqual(['ecr-pull']);
    expect(await rolesOf(cloud, 'other')).toEqual(ofTemplate);
  });

  it('gives the controller the same by parameters as by commands', async () => {
    const [deploy = ''] = blocksOf('Web identity').filter(isForCloudFormation);
    const assumable = `AssumableRoleArns=arn:aws:iam::${OTHER_ACCOUNT}:role/ecr-pull`;
    await cloud.shell(withSetUp(`${deploy.trimEnd()} EcrPublic=true ${assumable}`));
    const ofTemplate = await rolesOf(cloud);
    await cloud.reset();
    await followThePage('Web identity', 'commands');
    await followThePage('A role in another account', 'commands');
    await followThePage('ECR Public', 'commands');

    const ofCommands = await rolesOf(cloud);
    expect(ofCommands).toEqual(ofTemplate);
    expect(Object.keys(ofCommands[0]?.policies ?? {})).toEqual(
      expect.arrayContaining(['ecr-pull', 'ecr-public', 'assume-pull-roles']),
    );
  });

  it('adds the permissions for a pull-through cache', async () => {
    await followThePage('Web identity', 'commands');
    await followThePage('Pull-through cache', 'commands');

    const [role] = await rolesOf(cloud);
    expect(role?.policies['pull-through-cache']?.Statement[0]?.Resource).toEqual([
      `arn:aws:ecr:*:${ACCOUNT}:repository/*`,
    ]);
  });

  it('lets other accounts pull from a repository; moto does not keep the template’s policy', async () => {
    await createStack('repository.yaml', ['--profile', 'other']);
    const read = ['--profile', 'other', 'ecr', 'get-repository-policy'];
    const repository = ['--repository-name', 'team-a/app'];
    await expect(cloud.aws(...read, ...repository)).rejects.toThrow('RepositoryPolicyNotFound');

    await followThePage('A repository policy for other accounts', 'commands');

    const { policyText } = (await cloud.aws(...read, ...repository)) as { policyText: string };
    const [statement] = jsonPolicy('repository-policy.json').Statement;
    expect(JSON.parse(policyText)).toMatchObject({
      Statement: [
        {
          Action: statement?.Action,
          Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/ecr-pull-secrets` },
        },
      ],
    });
  });
});

describe('the outputs', () => {
  it.each(TEMPLATES)('have values: %s', async (name) => {
    const outputs = await createStack(name);

    const ofMissing = name === 'pod-identity-role.yaml' ? ['AssociationArn'] : [];
    expect([...Object.keys(outputs), ...ofMissing].toSorted()).toEqual(
      Object.keys(template(name).Outputs).toSorted(),
    );
    for (const [key, value] of Object.entries(outputs)) {
      expect(value).toMatch(key.endsWith('Arn') ? /^arn:aws:\w+:/ : /^[\w./-]+$/);
    }
  });
});

const PARAMETERS: Readonly<Record<string, string>> = {
  OidcProvider: 'oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE',
  ClusterName: 'prod-1',
  NodeGroup: 'team-a',
  RepositoryArns: `arn:aws:ecr:*:${ACCOUNT}:repository/a/*,arn:aws:ecr:*:${ACCOUNT}:repository/b/*`,
  ControllerRoleArn: `arn:aws:iam::${ACCOUNT}:role/ecr-pull-secrets`,
  ExternalId: 'prod-1/team-a',
  RepositoryName: 'team-a/app',
  PullerArns: `arn:aws:iam::${ACCOUNT}:role/ecr-pull-secrets`,
};

/** With create-stack, because moto has no outputs for a change set, which `deploy` creates. */
async function createStack(
  name: string,
  flags: readonly string[] = [],
): Promise<Readonly<Record<string, string>>> {
  const known = template(name).Parameters;
  const parameters = Object.keys(known)
    .filter((key) => known[key]?.Default === undefined)
    .map((key) => ({ ParameterKey: key, ParameterValue: PARAMETERS[key] }));
  const body = `file://${join(folder, 'manifests/iam', name)}`;
  const create = ['cloudformation', 'create-stack', '--stack-name', 'test'];
  const given = ['--template-body', body, '--parameters', JSON.stringify(parameters)];
  await cloud.aws(...flags, ...create, ...given, '--capabilities', 'CAPABILITY_NAMED_IAM');
  const answer = await cloud.aws(...flags, 'cloudformation', 'describe-stacks');
  const { Stacks } = answer as {
    Stacks: readonly [{ Outputs: readonly { OutputKey: string; OutputValue: string }[] }];
  };
  return Object.fromEntries(
    Stacks[0].Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
  );
}
