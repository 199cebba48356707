/** Liveness: what makes this process dead. Readiness: what keeps it from its work. */
import type { Leadership } from '../controller/election/leadership.ts';
import type { Ticks } from '../base/ticks.ts';

interface HealthCheck {
  readonly name: string;
  readonly findFault: () => string | undefined;
}

interface Parts {
  readonly ticks: Pick<Ticks, 'findFault'>;
  readonly leadership: Leadership;
  readonly cluster: { healthChecks(): readonly HealthCheck[] };
}

export interface HealthChecks {
  readonly livez: readonly HealthCheck[];
  readonly readyz: readonly HealthCheck[];
}

/** A standby is ready unless it could not take over: a roll-out must stop before it replaces the last working replica. */
export function healthChecksOf({ ticks, leadership, cluster }: Parts): HealthChecks {
  return {
    livez: [
      { name: 'ticks', findFault: () => ticks.findFault() },
      { name: 'leadership', findFault: () => leadership.findFault() },
    ],
    readyz: [
      ...cluster.healthChecks(),
      { name: 'lease', findFault: () => leadership.findRefusal() },
    ],
  };
}
