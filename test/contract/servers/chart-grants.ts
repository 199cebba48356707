/** The controller's permissions as helm renders them from the chart, for any namespace and Secret name of the suite. */
import type { KubeObject } from '../../support/control-plane/admin-client.ts';
import type { RbacMode } from '../../support/suite/rbac-mode.ts';
import { renderChart } from '../../support/chart/render-chart.ts';
import type { RbacObject } from './user-permissions.ts';

const GROUP = 'rbac.authorization.k8s.io';
/** The values for which the chart is rendered once; each grant replaces them by its own names. */
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
    const only = mode === 'named' ? [] : [NAMESPACE];
    const config = { secretName: SECRET, namespaces: { only } };
    const objects = await renderChart({ rbac: { mode }, config });
    return new ChartGrants(objects.filter(({ kind = '' }) => /^(?:Cluster)?Role$/.test(kind)));
  }

  /** The Lease's Role; its namespace is the one of the installation. */
  leaseIn(namespace: string, to: Grantee): readonly RbacObject[] {
    const role = this.#roles.find(({ metadata }) => metadata.name.endsWith('-lease'));
    return this.#grant(role, { namespace, secretName: '' }, to);
  }

  /** The Role, or the ClusterRole, for the work in a namespace. */
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
