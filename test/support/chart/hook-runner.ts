/** Acts as kubelet and Job controller for a release's hooks: runs each new hook and sets its status to the outcome. */
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject } from '../control-plane/admin-client.ts';
import { type Node, type PodSpec, startPod } from './pod-program.ts';

export interface HookRun {
  /** `Pod` or `Job`. */
  readonly kind: string;
  readonly code: number | null;
  readonly output: string;
}

export class HookRunner {
  readonly #node: Node;
  readonly #namespace: string;
  readonly #seen = new Set<string>();
  readonly #runs: HookRun[] = [];
  #stopped = false;
  readonly #loop: Promise<void>;

  constructor(node: Node, namespace: string) {
    this.#node = node;
    this.#namespace = namespace;
    this.#loop = this.#watch();
  }

  /** The finished runs. */
  get runs(): readonly HookRun[] {
    return this.#runs;
  }

  /** Rethrows errors other than failures of the hooks themselves. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      await this.#runNew('Pod', `/api/v1/namespaces/${this.#namespace}/pods`);
      await this.#runNew('Job', `/apis/batch/v1/namespaces/${this.#namespace}/jobs`);
      await delay(100);
    }
  }

  async #runNew(kind: 'Pod' | 'Job', path: string): Promise<void> {
    for (const object of await this.#node.admin.list(path)) {
      const { uid = '', name, annotations = {} } = object.metadata;
      if (annotations['helm.sh/hook'] === undefined || this.#seen.has(uid)) continue;
      if (hasEnded(object)) continue;
      this.#seen.add(uid);
      await this.#run(kind, `${path}/${name}`, object);
    }
  }

  async #run(kind: 'Pod' | 'Job', path: string, object: KubeObject): Promise<void> {
    const spec = object['spec'] as PodSpec & { readonly template?: { readonly spec: PodSpec } };
    const { exited, stdout, stderr } = await startPod(
      this.#node,
      this.#namespace,
      spec.template?.spec ?? spec,
    );
    const code = await exited;
    this.#runs.push({ kind, code, output: [...stdout.lines, ...stderr.lines].join('\n') });
    const status = kind === 'Pod' ? podStatus(code === 0) : jobStatus(code === 0);
    await this.#node.admin.mergePatch(`${path}/status`, { status });
  }
}

function podStatus(isGood: boolean): object {
  return { phase: isGood ? 'Succeeded' : 'Failed' };
}

function jobStatus(isGood: boolean): object {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const condition = (type: string) => ({ type, status: 'True', lastTransitionTime: now });
  return isGood
    ? {
        startTime: now,
        completionTime: now,
        succeeded: 1,
        conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
      }
    : {
        startTime: now,
        failed: 1,
        conditions: [condition('FailureTarget'), condition('Failed')],
      };
}

/** Helm may leave a Pod or a Job that has ended from an earlier run, and deletes it only after the next has begun. */
function hasEnded(object: KubeObject): boolean {
  const { phase = '', conditions = [] } = (object['status'] ?? {}) as {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string }[];
  };
  const ofJob = conditions.filter(({ type }) => type === 'Complete' || type === 'Failed');
  return ofJob.length > 0 || ['Succeeded', 'Failed'].includes(phase);
}
