/** The fixture of release tests: a real control plane, the real helm, a fake AWS, and the releases' Pods run as programs. */
import { expect } from '@jest/globals';
import { request } from 'undici';
import type { KubeObject } from '../control-plane/admin-client.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { type ControlPlaneOptions, startControlPlane } from '../control-plane/start.ts';
import { CHART } from './chart.ts';
import { eventually } from '../suite/eventually.ts';
import type { GuardedChild } from '../process/guarded-child.ts';
import { type HookRun, HookRunner } from './hook-runner.ts';
import { ourAnnotations, Tenants } from '../cluster/opted-in.ts';
import { type Node, type PodSpec, startPod } from './pod-program.ts';
import { ProxiedAws } from '../aws/proxied-aws.ts';
import { Helm } from '../tools/helm.ts';
import type { ToolRun } from '../tools/run-tool.ts';

export interface HookedRun extends ToolRun {
  readonly hooks: readonly HookRun[];
}

/** For `toMatchObject` on a run: refused with this text. */
export function refusal(text: string): object {
  return { code: 1, output: expect.stringContaining(text) };
}

export class ReleaseRig extends Tenants {
  readonly controlPlane: ControlPlane;
  readonly helm: Helm;
  readonly aws: ProxiedAws;
  readonly #programs: GuardedChild[] = [];

  private constructor(parts: Pick<ReleaseRig, 'controlPlane' | 'admin' | 'helm' | 'aws'>) {
    super(parts.admin);
    this.controlPlane = parts.controlPlane;
    this.helm = parts.helm;
    this.aws = parts.aws;
  }

  static async open(options: ControlPlaneOptions = {}): Promise<ReleaseRig> {
    const controlPlane = await startControlPlane(options);
    const admin = await controlPlane.admin(50);
    const helm = await Helm.open(controlPlane.adminKubeconfig);
    return new ReleaseRig({ controlPlane, admin, helm, aws: await ProxiedAws.start() });
  }

  async namespaces(...names: readonly string[]): Promise<void> {
    for (const name of names) await this.admin.create('/api/v1/namespaces', { metadata: { name } });
  }

  /** Creates namespaces that are opted in. */
  async optIn(...names: readonly string[]): Promise<void> {
    const annotations = ourAnnotations({ enabled: 'true' });
    for (const name of names) {
      await this.admin.create('/api/v1/namespaces', { metadata: { name, annotations } });
    }
  }

  /** Runs `install` or `upgrade` with this chart. */
  async helmChart(
    verb: 'install' | 'upgrade',
    release: { readonly name: string; readonly namespace: string },
    ...values: readonly string[]
  ): Promise<ToolRun> {
    const { name, namespace } = release;
    const reuse = verb === 'upgrade' ? ['--reset-then-reuse-values'] : [];
    const sets = values.flatMap((value) => ['--set', value]);
    return this.helm.run(verb, name, CHART, '--namespace', namespace, ...reuse, ...sets);
  }

  /** Runs helm with a kubelet for the hooks in that namespace. */
  async helmWithHooks(namespace: string, ...args: readonly string[]): Promise<HookedRun> {
    const flags = ['--namespace', namespace, '--timeout', '90s'];
    const { result, hooks } = await this.withHooks(namespace, async () =>
      this.helm.run(...args, ...flags),
    );
    return { ...result, hooks };
  }

  /** Runs `work` with a kubelet for the hooks in that namespace. */
  async withHooks<T>(
    namespace: string,
    work: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly hooks: readonly HookRun[] }> {
    const runner = new HookRunner(this.#node(), namespace);
    const result = await work();
    await runner.stop();
    return { result, hooks: runner.runs };
  }

  /** Starts one Pod of the current Deployment; during an upgrade the previous Pods keep running. */
  async runPod(namespace: string, deployment: string): Promise<GuardedChild> {
    const spec = await this.podSpecOf(namespace, deployment);
    const program = await startPod(this.#node(), namespace, spec);
    this.#programs.push(program);
    return program;
  }

  async podSpecOf(namespace: string, deployment: string): Promise<PodSpec> {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`;
    const { template } = (await this.admin.get(path))['spec'] as {
      readonly template: { readonly spec: PodSpec };
    };
    return template.spec;
  }

  /** Waits until the kubelet's readiness probe would succeed. */
  async untilPodReady({ stdout }: GuardedChild): Promise<void> {
    await eventually({ what: 'a Pod to be ready', limitMs: 30_000 }, async () => {
      const records = stdout.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      const started = records.find(({ msg }) => msg === 'started');
      if (started === undefined) return false;
      const { statusCode, body } = await request(
        `http://127.0.0.1:${String(started['port'])}/readyz`,
      );
      await body.dump();
      return statusCode === 200;
    });
  }

  /** Everything that a release and its Pods created, in its namespace and cluster-wide: found by its label and by our name. */
  async madeBy(release: string, namespace: string): Promise<readonly KubeObject[]> {
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const paths = [
      ...['configmaps', 'serviceaccounts', 'services', 'pods', 'secrets'].map(
        (plural) => `/api/v1/namespaces/${namespace}/${plural}`,
      ),
      `/apis/apps/v1/namespaces/${namespace}/deployments`,
      `/apis/batch/v1/namespaces/${namespace}/jobs`,
      `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`,
      `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`,
      ...['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'].map(
        (plural) => `${rbac}/${plural}`,
      ),
      ...['validatingadmissionpolicies', 'validatingadmissionpolicybindings'].map(
        (plural) => `/apis/admissionregistration.k8s.io/v1/${plural}`,
      ),
    ];
    const lists = await Promise.all(paths.map((path) => this.admin.list(path)));
    return lists.flat().filter(({ metadata: { name, labels } }) => {
      const owner = labels?.['app.kubernetes.io/instance'];
      // On pull Secrets this label holds the instance's name.
      const isOthers = ![undefined, release, 'default'].includes(owner);
      return owner === release || (!isOthers && name.includes('ecr-pull-secret'));
    });
  }

  async stop({ child, exited }: GuardedChild): Promise<void> {
    child.kill('SIGTERM');
    await exited;
  }

  async close(): Promise<void> {
    for (const program of this.#programs) await this.stop(program);
    await this.aws.stop();
    await this.helm.close();
    await this.admin.close();
    await this.controlPlane.stop();
  }

  #node(): Node {
    const { admin, controlPlane, aws } = this;
    return { admin, controlPlane, environment: aws.environment };
  }
}
