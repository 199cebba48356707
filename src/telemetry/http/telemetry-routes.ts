/** The paths of the metrics port: probes under the names of Kubernetes and of Prometheus, and the metrics. */
import { type HealthCheck, reportHealth } from './health.ts';
import { type Page, type Route, text } from './http-server.ts';
import type { Metrics } from '../metrics/metrics.ts';

export interface TelemetrySources {
  /** Whether the process itself is alive; the state of AWS and of the API server must not count here. */
  readonly livez: readonly HealthCheck[];
  /** Whether it can do its work. */
  readonly readyz: readonly HealthCheck[];
  readonly metrics: Pick<Metrics, 'render'>;
}

export function telemetryRoutes(sources: TelemetrySources): ReadonlyMap<string, Route> {
  const livez = probe('livez', sources.livez);
  const readyz = probe('readyz', sources.readyz);
  return new Map<string, Route>([
    ['/livez', livez],
    ['/healthz', livez],
    ['/-/healthy', livez],
    ['/readyz', readyz],
    ['/-/ready', readyz],
    ['/metrics', async () => ({ status: 200, ...(await sources.metrics.render()) })],
  ]);
}

function probe(name: string, checks: readonly HealthCheck[]): (query: URLSearchParams) => Page {
  return (query) => {
    const { isHealthy, body } = reportHealth(name, checks, query.has('verbose'));
    return text(isHealthy ? 200 : 503, body);
  };
}
