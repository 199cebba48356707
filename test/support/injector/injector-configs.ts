/** Configurations to test the injector with, all at once: each has its own Secret name, so that one Pod shows all results. */

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
  // There is no profile `default`, so a namespace that names no profile has none.
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
  // Other namespaces are not watched, even if they opt in.
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
