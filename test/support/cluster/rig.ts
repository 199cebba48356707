/** The fixture of end-to-end tests: a real control plane with the product installed, a fake AWS, and runs of the product. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from '../control-plane/admin-client.ts';
import type { AuditEvent } from '../control-plane/audit-log.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { sharedControlPlane } from '../control-plane/shared.ts';
import { startControlPlane } from '../control-plane/start.ts';
import { findCanary } from './canary-search.ts';
import { type ControllerOptions, ControllerProcess } from '../process/controller-process.ts';
import { eventually } from '../suite/eventually.ts';
import { FakeAws } from '../aws/fake-aws.ts';
import { INSTALLED_AS, OUR_USER } from './install.ts';
import { ourAnnotations, Tenants } from './opted-in.ts';
import { describeRequest, isWrite, ourRequests } from './our-requests.ts';
import { Stage } from './stage.ts';

export interface RigOptions {
  /** `own` if the test needs an empty cluster or stops the API server; takes 5 to 10 s. */
  readonly controlPlane: 'shared' | 'own';
  /** All namespaces that the test will create. Required if its suite also runs under Roles. */
  readonly namespaces?: readonly string[];
  /** The user whose requests are checked. Default: the ServiceAccount of manifests/install.yaml. */
  readonly user?: string;
}

export class Rig extends Tenants {
  readonly controlPlane: ControlPlane;
  readonly aws: FakeAws;
  readonly #isShared: boolean;
  readonly #user: string;
  readonly #startedAt = new Date();
  readonly #runs: ControllerProcess[] = [];
  readonly #stage: Stage;
  #current: ControllerProcess | undefined;

  private constructor(
    parts: Pick<Rig, 'controlPlane' | 'admin' | 'aws'> & { readonly stage: Stage },
    { controlPlane, user = OUR_USER }: RigOptions,
  ) {
    super(parts.admin);
    this.controlPlane = parts.controlPlane;
    this.aws = parts.aws;
    this.#stage = parts.stage;
    this.#isShared = controlPlane === 'shared';
    this.#user = user;
  }

  static async open(options: RigOptions): Promise<Rig> {
    const isShared = options.controlPlane === 'shared';
    const controlPlane = isShared ? await sharedControlPlane() : await startControlPlane();
    const admin = await controlPlane.admin(50);
    const stage = await Stage.set(admin, options.namespaces);
    return new Rig({ controlPlane, admin, stage, aws: await FakeAws.start() }, options);
  }

  /** The most recently started run. */
  get controller(): ControllerProcess {
    if (this.#current === undefined) throw new Error('no controller was started');
    return this.#current;
  }

  /** Every run so far. */
  get runs(): readonly ControllerProcess[] {
    return this.#runs;
  }

  /** Starts the product with its own ServiceAccount; await `ready` on the result. */
  async start(options: Partial<ControllerOptions> = {}): Promise<ControllerProcess> {
    const kubeconfig = options.kubeconfig ?? (await this.controlPlane.kubeconfigFor(INSTALLED_AS));
    const { config: _, ...rest } = options;
    const config = this.#stage.scoped(options.config);
    const run = await ControllerProcess.start({
      awsUrl: this.aws.url,
      ...rest,
      kubeconfig,
      ...(config === undefined ? {} : { config }),
    });
    this.#runs.push(run);
    this.#current = run;
    return run;
  }

  /** Starts the product and waits until it is ready. */
  async run(options: Partial<ControllerOptions> = {}): Promise<ControllerProcess> {
    const run = await this.start(options);
    await run.ready();
    return run;
  }

  /** Creates a namespace that is deleted in the end; under Roles it exists already and gets its labels and annotations. */
  async namespace(name: string, metadata: Partial<KubeObject['metadata']> = {}): Promise<void> {
    await this.#stage.namespace(name, metadata);
  }

  /** Like `namespace`, but opted in. */
  async optIn(name: string, notes: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.namespace(name, { annotations: ourAnnotations({ enabled: 'true', ...notes }) });
  }

  /** Resolves once the namespace has its pull secret. */
  async optInAndWait(name: string): Promise<KubeObject> {
    await this.optIn(name);
    return this.untilReady(name);
  }

  /** For programs other than the controller: environment variables that limit them to the namespaces with a Role. */
  async scope(): Promise<Readonly<Record<string, string>>> {
    const config = this.#stage.scoped(undefined);
    if (config === undefined) return {};
    const file = join(this.controlPlane.dir, 'scope.yaml');
    await writeFile(file, config);
    return { ECR_PULL_SECRETS_CONFIG: file };
  }

  /** Changes the configuration of the most recent run, in one step. */
  async changeConfig(text: string): Promise<void> {
    await this.controller.changeConfig(this.#stage.scoped(text) ?? text);
  }

  /** The requests of our ServiceAccount, complete up to now, without Events. */
  async requests(since = this.#startedAt): Promise<readonly AuditEvent[]> {
    return ourRequests(this, since, this.#user);
  }

  /** For example `patch secrets team-a/ecr-pull-secret 200`, in the order of the answers. */
  async writes(since?: Date): Promise<readonly string[]> {
    return (await this.requests(since)).filter(isWrite).map(describeRequest);
  }

  /**
   * Changes each namespace in a way that means nothing to the product, and waits until the controller has reconciled it
   * again: anything it has not written by then it won't write.
   */
  async requeue(...namespaces: readonly string[]): Promise<void> {
    const passes = async () => {
      const metrics = await this.controller.metrics();
      const isIdle =
        metrics.value('workqueue_depth') === 0 &&
        metrics.value('workqueue_unfinished_work_seconds') === 0;
      return isIdle ? metrics.value('workqueue_work_duration_seconds_count') : undefined;
    };
    const before = await eventually({ what: 'an idle controller', limitMs: 30_000 }, passes);
    const labels = { touched: String(Date.now()) };
    for (const name of namespaces) {
      await this.admin.mergePatch(`/api/v1/namespaces/${name}`, { metadata: { labels } });
    }
    await eventually({ what: 'another pass for each namespace', limitMs: 30_000 }, async () => {
      const now = await passes();
      return now !== undefined && now >= before + namespaces.length;
    });
  }

  /** What no run may do: leak tokens, or send requests that are answered with 401 or 403. */
  async violations(): Promise<readonly string[]> {
    const refused = (await this.requests()).filter(({ code }) => code === 401 || code === 403);
    const refusals = refused.map(({ verb, uri, code }) => `${verb} ${uri}: ${code}`);
    return [...(await this.leaks()), ...refusals];
  }

  /** The places where a token leaked. */
  async leaks(): Promise<readonly string[]> {
    const isRunning = (run: ControllerProcess) => run === this.#current && !run.hasExited;
    const running = this.#runs.filter(isRunning);
    return findCanary({ admin: this.admin, running, all: this.#runs });
  }

  async close(): Promise<void> {
    await Promise.all(this.#runs.map(async (run) => run.kill()));
    if (this.#isShared) {
      const paths = this.#stage.names.map((name) => `/api/v1/namespaces/${name}`);
      await Promise.all(paths.map(async (path) => this.admin.delete(path)));
    }
    await this.admin.close();
    await this.aws.stop();
    if (!this.#isShared) await this.controlPlane.stop();
  }
}
