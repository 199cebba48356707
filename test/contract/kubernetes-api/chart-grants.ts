/** The rights of the controller as helm renders them from the chart, for any namespace and Secret name of the suite. */
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { parseAllDocuments, stringify } from 'yaml';
import { CHART } from '../../support/chart.ts';
import type { KubeObject } from '../../support/control-plane/admin-client.ts';
import type { RbacMode } from '../../support/rbac-mode.ts';
import { Helm } from '../../support/tools/helm.ts';
import type { RbacObject } from './user-rights.ts';

const GROUP = 'rbac.authorization.k8s.io';
/** What the chart is rendered for once; each grant has its own names in their places. */
const NAMESPACE = 'some-namespace';
const SECRET = 'some-secret';

/** A ServiceAccount. */
export interface Grantee {
  readonly namespace: string;
  readonly name: string;
}

export class ChartGrants {
  readonly #roles: readonly KubeObject[];

  private constructor(roles: readonly KubeObject[]) {
    this.#roles = roles;
  }

  static async render(mode: RbacMode): Promise<ChartGrants> {
    const helm = await Helm.open();
    try {
      const only = mode === 'named' ? [] : [NAMESPACE];
      const config = { secretName: SECRET, namespaces: { only } };
      const file = join(helm.dir, 'values.yaml');
      await writeFile(file, stringify({ rbac: { mode }, config }));
      const where = ['--namespace', NAMESPACE, '--values', file, '--no-hooks'];
      const rendered = await helm.succeed('template', 'ecr-pull-secrets', CHART, ...where);
      const objects = parseAllDocuments(rendered).map((document) => document.toJS() as KubeObject);
      return new ChartGrants(objects.filter(({ kind = '' }) => /^(?:Cluster)?Role$/.test(kind)));
    } finally {
      await helm.close();
    }
  }

  /** The Lease's Role; its namespace is that of the installation. */
  leaseIn(namespace: string, to: Grantee): readonly RbacObject[] {
    const role = this.#roles.find(({ metadata }) => metadata.name.endsWith('-lease'));
    return this.#grant(role, { namespace, secretName: '' }, to);
  }

  /** The Role of the work in a namespace, or the ClusterRole of it. */
  work(secretName: string, namespace: string | undefined, to: Grantee): readonly RbacObject[] {
    const role = this.#roles.find(({ metadata }) => !metadata.name.endsWith('-lease'));
    return this.#grant(role, { namespace, secretName }, to);
  }

  #grant(
    role: KubeObject | undefined,
    { namespace, secretName }: { readonly namespace: string | undefined; secretName: string },
    to: Grantee,
  ): readonly RbacObject[] {
    if (role === undefined) throw new Error('the chart renders no such Role');
    const { kind = '', apiVersion = '' } = role;
    const text = JSON.stringify(role['rules']).replaceAll(SECRET, secretName);
    const rules: unknown = JSON.parse(text.replaceAll(NAMESPACE, namespace ?? NAMESPACE));
    const name = [role.metadata.name, secretName].filter((part) => part !== '').join('-');
    const isOfCluster = kind === 'ClusterRole';
    const metadata = isOfCluster ? { name } : { name, namespace };
    const base = `/apis/${GROUP}/v1${isOfCluster ? '' : `/namespaces/${namespace}`}`;
    const roleRef = { apiGroup: GROUP, kind, name };
    const subjects = [{ kind: 'ServiceAccount', ...to }];
    const binding = { apiVersion, kind: `${kind}Binding`, metadata, roleRef, subjects };
    return [
      { path: `${base}/${kind.toLowerCase()}s`, object: { apiVersion, kind, metadata, rules } },
      { path: `${base}/${kind.toLowerCase()}bindings`, object: binding },
    ];
  }
}
