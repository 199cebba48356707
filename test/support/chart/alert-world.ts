/** A replica of the real program with its own simulated cluster, served over HTTPS, and its own AWS. */
import type { EcrMode } from '../../../simulator/aws/aws-modes.ts';
import type { Kubectl, Target } from '../../../simulator/kubectl.ts';
import type { SeenRequest } from '../../../simulator/faults.ts';
import {
  LEASE_ANNOTATIONS,
  MANAGED_BY,
  NAMESPACE_ANNOTATIONS,
} from '../../../src/domain/contract.ts';
import { FakeAws } from '../aws/fake-aws.ts';
import { INSTALLED_AS } from '../cluster/install.ts';
import { freePort } from '../control-plane/free-port.ts';
import { ControllerProcess } from '../process/controller-process.ts';
import { ServedCluster } from '../simulated/served-cluster.ts';
import { eventually } from '../suite/eventually.ts';

const LEASE: Target = { kind: 'Lease', namespace: INSTALLED_AS.namespace, name: MANAGED_BY };
const ELECTED = ['--leader-elect', 'true', '--namespace', INSTALLED_AS.namespace];
const ENABLED = NAMESPACE_ANNOTATIONS.enabled;

export class AlertWorld {
  /** Stays the same over restarts, as that of a Pod does. */
  readonly port: number;
  readonly aws: FakeAws;
  readonly #served: ServedCluster;
  #replica: ControllerProcess | undefined;

  private constructor(parts: { port: number; aws: FakeAws; served: ServedCluster }) {
    this.port = parts.port;
    this.aws = parts.aws;
    this.#served = parts.served;
  }

  /** Without a replica yet. */
  static async open(): Promise<AlertWorld> {
    const served = await ServedCluster.start();
    served.simulator.kubectl.createNamespace(INSTALLED_AS.namespace);
    return new AlertWorld({ port: await freePort(), aws: await FakeAws.start(), served });
  }

  get kubectl(): Kubectl {
    return this.#served.simulator.kubectl;
  }

  get replica(): ControllerProcess {
    if (this.#replica === undefined) throw new Error('no replica was started');
    return this.#replica;
  }

  async start(config = '', ...flags: readonly string[]): Promise<void> {
    this.#replica = await ControllerProcess.start({
      kubeconfig: this.#served.kubeconfigOf('admin'),
      awsUrl: this.aws.url,
      config,
      flags: [...ELECTED, '--listen', `127.0.0.1:${this.port}`, ...flags],
    });
  }

  /** Starts a replica and waits until it leads. */
  async lead(config?: string): Promise<void> {
    await this.start(config);
    await this.replica.logged('leading', 30_000);
  }

  /** From now on the API server gives this answer. */
  answer(status: number, match: (request: SeenRequest) => boolean): void {
    this.#served.simulator.faults.add({
      effect: { kind: 'answer', status },
      match,
      times: Infinity,
    });
  }

  optIn(...names: readonly string[]): void {
    for (const name of names) this.kubectl.createNamespace(name, { [ENABLED]: 'true' });
  }

  optOut(...names: readonly string[]): void {
    for (const name of names) this.annotate(name, { [ENABLED]: 'false' });
  }

  annotate(namespace: string, annotations: Readonly<Record<string, string>>): void {
    this.kubectl.annotate({ kind: 'Namespace', name: namespace }, annotations);
  }

  pause(value: string | null): void {
    this.kubectl.annotate(LEASE, { [LEASE_ANNOTATIONS.paused]: value });
  }

  async untilSecretsIn(...namespaces: readonly string[]): Promise<void> {
    await eventually({ what: 'all Secrets', limitMs: 30_000 }, () =>
      namespaces.every((namespace) => this.#secretIn(namespace) !== undefined),
    );
  }

  async failAt(aws: EcrMode['kind'] & ('deny' | 'hang' | 'server-error')): Promise<void> {
    this.aws.ecrMode = { kind: aws };
    await this.lead();
    this.optIn('team');
  }

  async close(): Promise<void> {
    await this.#replica?.kill();
    await this.#served.stop();
    await this.aws.stop();
  }

  #secretIn(namespace: string) {
    return this.kubectl.get({ kind: 'Secret', namespace, name: 'ecr-pull-secret' });
  }
}
