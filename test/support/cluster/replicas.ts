/** Replicas of the product with leader election, each known by its candidate name in the Lease. */
import type { KubeObject } from '../control-plane/admin-client.ts';
import type {
  ControllerOptions,
  ControllerProcess,
  LogRecord,
} from '../process/controller-process.ts';
import { eventually } from '../suite/eventually.ts';
import { INSTALLED_AS } from './install.ts';
import type { Rig } from './rig.ts';

const { namespace } = INSTALLED_AS;
export const LEASE_PATH = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/ecr-pull-secrets`;
const ELECTED = ['--leader-elect', 'true', '--namespace', namespace] as const;

export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseTransitions?: number;
  readonly renewTime?: string;
}

export async function startReplica(
  rig: Rig,
  options: Partial<ControllerOptions> = {},
): Promise<ControllerProcess> {
  return rig.run({ ...options, flags: [...ELECTED, ...(options.flags ?? [])] });
}

export async function candidateOf(replica: ControllerProcess): Promise<string> {
  return String((await replica.logged('competing for the lease'))['candidate']);
}

export async function leaseOf(rig: Rig): Promise<LeaseSpec | undefined> {
  const lease: KubeObject | undefined = await rig.admin.find(LEASE_PATH);
  return lease?.['spec'] as LeaseSpec | undefined;
}

/** Waits until a replica logs, after that time, that it leads; returns the time of that record. */
export async function untilLeading(
  replicas: readonly ControllerProcess[],
  after: Date,
  limitMs: number,
): Promise<Date> {
  const record = await eventually({ what: 'a leader', limitMs, everyMs: 20 }, () =>
    replicas
      .flatMap((replica) => recordsOf(replica, 'leading'))
      .find(({ time }) => new Date(time) >= after),
  );
  return new Date(record.time);
}

export function recordsOf(replica: ControllerProcess, message: string): readonly LogRecord[] {
  return replica.log.filter(({ msg }) => msg === message);
}

/** The value of `leader_election_master_status`. */
export async function masterStatus(replica: ControllerProcess): Promise<number | undefined> {
  const metrics = await replica.metrics();
  return metrics.value('leader_election_master_status', { name: 'ecr-pull-secrets' });
}
