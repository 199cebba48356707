/** Named checks behind a probe: `ok` if all is well, else the failed checks by name; their reasons with ?verbose. */

export interface HealthCheck {
  readonly name: string;
  /** Returns why it fails; `undefined` if all is well. Must be quick. A check that throws has failed. */
  readonly findFault: () => string | undefined;
}

export interface HealthReport {
  readonly isHealthy: boolean;
  readonly body: string;
}

/** `probe` is the name to show, such as `readyz`. The lines have the format of the API server's own probes. */
export function reportHealth(
  probe: string,
  checks: readonly HealthCheck[],
  isVerbose: boolean,
): HealthReport {
  const results = checks.map((check) => ({ name: check.name, fault: faultOf(check) }));
  const isHealthy = results.every(({ fault }) => fault === undefined);
  if (isHealthy && !isVerbose) return { isHealthy, body: 'ok\n' };

  const lines = results.map(({ name, fault }) => {
    if (fault === undefined) return `[+]${name} ok`;
    return `[-]${name} failed: ${isVerbose ? fault : 'reason withheld, ask with ?verbose'}`;
  });
  return {
    isHealthy,
    body: [...lines, `${probe} check ${isHealthy ? 'passed' : 'failed'}`, ''].join('\n'),
  };
}

function faultOf({ findFault }: HealthCheck): string | undefined {
  try {
    return findFault();
  } catch (error) {
    return error instanceof Error ? error.message : 'the check itself failed';
  }
}
