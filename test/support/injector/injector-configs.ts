/** Configurations that the injector is tried with, side by side: each has a Secret name of its own, and so one Pod shows all. */

/** By instance. The Secret's name is `by-<instance>`. */
export const INJECTOR_CONFIGS: Readonly<Record<string, InjectorConfig>> = {
  plain: {},
  names: {
    namespaces: {
      selector: { names: ['team-*', '*-prod', 'exact'] },
      exclude: ['team-x*', 'kube-*'],
    },
  },
  globs: { namespaces: { selector: { names: ['a*b*c', '*-*-*-*', '**z'] }, exclude: ['*q*'] } },
  labels: { namespaces: { selector: { matchLabels: { tier: 'prod', 'example.com/y': '' } } } },
  expressions: {
    namespaces: {
      exclude: [],
      selector: {
        names: ['*'],
        matchExpressions: [
          { key: 'tier', operator: 'In', values: ['prod', 'stage'] },
          { key: 'env', operator: 'NotIn', values: ['', 'no'] },
          { key: 'example.com/y', operator: 'Exists' },
          { key: 'constructor', operator: 'DoesNotExist' },
        ],
      },
    },
  },
  profiles: {
    namespaces: { selector: { names: ['*'] } },
    profiles: {
      default: { registries: [hostOf(1)] },
      shared: { registries: [hostOf(2)], allowedNamespaces: { names: ['*'] } },
      prod: {
        registries: [hostOf(1)],
        allowedNamespaces: { names: ['team-*'], selector: { matchLabels: { tier: 'prod' } } },
      },
    },
  },
  // Nobody names a profile `default` here, so who says nothing has none.
  'no-default': {
    profiles: {
      'team-a': {
        registries: [hostOf(3)],
        allowedNamespaces: {
          selector: { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['no'] }] },
        },
      },
    },
  },
  'narrow-default': {
    profiles: { default: { registries: [hostOf(1)], allowedNamespaces: { names: ['team-*'] } } },
  },
  // Nothing else is watched, whoever opts in.
  only: {
    namespaces: { only: ['team-edge-0', 'team-edge-1', 'exact'], selector: { names: ['*'] } },
  },
};

export interface InjectorConfig {
  readonly namespaces?: { readonly only?: readonly string[]; readonly [part: string]: unknown };
  readonly profiles?: object;
}

export function injectedName(instance: string): string {
  return `by-${instance}`;
}

function hostOf(account: number): string {
  return `${String(account).padStart(12, '1')}.dkr.ecr.eu-west-1.amazonaws.com`;
}
