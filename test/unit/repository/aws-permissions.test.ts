/** docs/aws-permissions.md and manifests/iam agree on actions, files and parameters. */
import { describe, expect, it } from '@jest/globals';
import {
  actionsBySid,
  iamFiles,
  iamText,
  jsonPolicy,
  PERMISSIONS_PAGE,
  type PolicyDocument,
  shellBlocks,
  template,
} from '../../support/aws/iam-manifests.ts';

const TEMPLATES = iamFiles('.yaml');
const NODE_TEMPLATES = ['node-group-role.yaml', 'node-role.yaml'];
const CONTROLLER_TEMPLATES = ['irsa-role.yaml', 'pod-identity-role.yaml'];

/** On the card: what the nodes of custom clusters get. */
const NODE_ACTIONS = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:DescribeRepositories',
  'ecr:GetAuthorizationToken',
  'ecr:GetDownloadUrlForLayer',
  'ecr:GetRepositoryPolicy',
  'ecr:ListImages',
];

/** Rows of the table of actions: the action, and whether only nodes have it. */
function explainedActions(): readonly { readonly action: string; readonly isForNodes: boolean }[] {
  const rows = [...PERMISSIONS_PAGE.matchAll(/^\| `(ecr:\w+)` +\| (both|nodes only) /gm)];
  return rows.map(([, action = '', where]) => ({ action, isForNodes: where === 'nodes only' }));
}

function actionsOf(document: PolicyDocument): readonly string[] {
  return Object.values(actionsBySid(document)).flat().toSorted();
}

/** The policy documents of a template by policy name. */
function policiesIn(name: string): ReadonlyMap<string, PolicyDocument> {
  const policies = Object.values(template(name).Resources).filter(
    ({ Type }) => Type === 'AWS::IAM::Policy',
  );
  return new Map(
    policies.map(({ Properties }) => [
      String(Properties['PolicyName']),
      Properties['PolicyDocument'] as PolicyDocument,
    ]),
  );
}

function policyIn(name: string, policy: string): PolicyDocument {
  const document = policiesIn(name).get(policy);
  if (document === undefined) throw new Error(`${name}: no policy ${policy}`);
  return document;
}

describe('the table of actions', () => {
  it('explains the actions of the pull policy, and those for nodes', () => {
    const explained = explainedActions();
    const ofBoth = explained.filter(({ isForNodes }) => !isForNodes);

    expect(actionsOf(jsonPolicy('pull-policy.json'))).toEqual(
      ofBoth.map(({ action }) => action).toSorted(),
    );
    expect(actionsOf(jsonPolicy('node-pull-policy.json'))).toEqual(
      explained.map(({ action }) => action).toSorted(),
    );
  });

  it('explains everything that nodes of custom clusters get', () => {
    const explained = explainedActions().map(({ action }) => action);
    expect(explained.toSorted()).toEqual(NODE_ACTIONS);
  });
});

describe('the templates', () => {
  it('are the ones that the page names', () => {
    const named = [...PERMISSIONS_PAGE.matchAll(/manifests\/iam\/([\w-]+\.yaml)/g)];
    expect(new Set(named.map(([, name]) => name))).toEqual(new Set(TEMPLATES));
  });

  it.each(NODE_TEMPLATES)('give nodes the actions of node-pull-policy.json: %s', (name) => {
    expect(actionsBySid(policyIn(name, 'ecr-pull'))).toEqual(
      actionsBySid(jsonPolicy('node-pull-policy.json')),
    );
    expect([...policiesIn(name).keys()]).toEqual(['ecr-pull']);
  });

  it.each([...CONTROLLER_TEMPLATES, 'cross-account-role.yaml'])(
    'give a role that mints the actions of pull-policy.json: %s',
    (name) => {
      expect(actionsBySid(policyIn(name, 'ecr-pull'))).toEqual(
        actionsBySid(jsonPolicy('pull-policy.json')),
      );
    },
  );

  it.each(CONTROLLER_TEMPLATES)('give the controller no more than requested: %s', (name) => {
    expect([...policiesIn(name).keys()]).toEqual(['ecr-pull', 'ecr-public', 'assume-pull-roles']);
    expect(actionsBySid(policyIn(name, 'ecr-public'))).toEqual(
      actionsBySid(jsonPolicy('ecr-public-policy.json')),
    );
    expect(actionsBySid(policyIn(name, 'assume-pull-roles'))).toEqual(
      actionsBySid(jsonPolicy('assume-role-policy.json')),
    );
    const defaults = template(name).Parameters;
    expect(defaults['EcrPublic']?.Default).toBe('false');
    expect(defaults['AssumableRoleArns']?.Default).toBe('');
  });

  it('allow other accounts in repository.yaml what repository-policy.json allows', () => {
    const { Properties } = template('repository.yaml').Resources['Repository'] ?? {};
    expect(actionsBySid(Properties?.['RepositoryPolicyText'] as PolicyDocument)).toEqual(
      actionsBySid(jsonPolicy('repository-policy.json')),
    );
  });

  it.each(TEMPLATES)('describe themselves, their parameters and their outputs: %s', (name) => {
    const { Description, Parameters, Outputs } = template(name);

    expect(Object.keys(Parameters)).not.toHaveLength(0);
    expect(Object.keys(Outputs)).not.toHaveLength(0);
    const parts = { template: { Description }, ...Parameters, ...Outputs };
    const undescribed = Object.entries<{ readonly Description?: string | undefined }>(parts).filter(
      ([, { Description: text = '' }]) => text.length < 15,
    );
    expect(undescribed).toEqual([]);
  });

  it.each(TEMPLATES)('name no partition outside of examples and patterns: %s', (name) => {
    const { Resources } = template(name);
    const arns = [...JSON.stringify(Resources).matchAll(/arn:(\$\{AWS::Partition\}|[^:]*):/g)].map(
      ([, part]) => part,
    );
    expect(arns.filter((part) => part !== '${AWS::Partition}')).toEqual([]);
  });
});

describe('the JSON files', () => {
  it.each(iamFiles('.json'))('are policies with a known version: %s', (name) => {
    const { Version, Statement } = jsonPolicy(name);
    expect(Version).toBe('2012-10-17');
    expect(Statement).not.toHaveLength(0);
    expect(new Set(Statement.map(({ Effect }) => Effect))).toEqual(new Set(['Allow']));
  });

  it('are all used by a command, or linked if there is none', () => {
    const used = [...shellBlocks()].flatMap(({ text }) =>
      [...text.matchAll(/fill ([\w.-]+\.json)/g)].map(([, name]) => name),
    );
    expect(new Set(used)).toEqual(new Set(iamFiles('.json')));
  });

  it('contain no word in capitals except those that the commands fill in', () => {
    const setUp = shellBlocks().find(({ text }) => text.includes('fill()'))?.text ?? '';
    const filled = [...setUp.matchAll(/s\|([A-Z_]+)\|\$\1\|g/g)].map(([, word]) => word);
    const words = iamFiles('.json').flatMap((name) => iamText(name).match(/\b[A-Z_]{4,}\b/g) ?? []);

    expect(new Set(words)).toEqual(new Set(filled));
  });
});

describe('the commands', () => {
  it('name files that exist, and parameters that their template has', () => {
    const deployed = shellBlocks().flatMap(({ text }) =>
      [...text.matchAll(/--template-file manifests\/iam\/(\S+)([^]*)/g)].map(
        ([, name = '', rest = '']) => ({
          name,
          parameters: [...rest.matchAll(/"(\w+)=/g)].map(([, parameter = '']) => parameter),
        }),
      ),
    );

    expect(deployed.map(({ name }) => name).toSorted()).toEqual([
      'cross-account-role.yaml',
      'irsa-role.yaml',
      'node-role.yaml',
      'pod-identity-role.yaml',
    ]);
    for (const { name, parameters } of deployed) {
      const known = template(name).Parameters;
      const needed = Object.keys(known).filter((key) => known[key]?.Default === undefined);
      expect(parameters.toSorted()).toEqual(needed.toSorted());
    }
  });

  it('are introduced with the parameters of the other templates', () => {
    const others = ['node-group-role.yaml', 'repository.yaml'];
    for (const name of others) {
      const known = template(name).Parameters;
      const needed = Object.keys(known).filter((key) => known[key]?.Default === undefined);
      for (const parameter of needed) expect(PERMISSIONS_PAGE).toContain(`\`${parameter}\``);
    }
  });
});
