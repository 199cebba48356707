/** Programs that let bad neighbours cost the others too much, or that keep quiet about what fails. */
import type { Clock } from '../../../../src/base/clock.ts';
import type { Log } from '../../../../src/base/log.ts';
import type { ControllerDependencies } from '../../../../src/controller/controller.ts';
import type { Attempt } from '../../../../src/controller/ports/cluster-writes.ts';
import { ControllerError } from '../../../../src/domain/errors.ts';
import { type PlantedBugs, besides, bound, seenThrough } from './plant.ts';

export const NEIGHBOUR_BUGS: PlantedBugs = {
  'never gives back the place of a slow write': {
    breaks: 'I11',
    seed: 86,
    plant: (parts) => ({ ...parts, clock: withoutSlowness(parts.clock) }),
  },
  'lets everybody wait for what one webhook throttles': {
    breaks: 'I11',
    plant: (parts) => throttledTogether(parts),
  },
  'sends every request in the same lane': {
    breaks: 'I11',
    seed: 158,
    plant: (parts) => throughWrites(parts, (attempt) => ({ ...attempt, lane: 'slow' })),
  },
  'keeps quiet about errors that it does not know': {
    breaks: 'I12 an Event tells it',
    seed: 502,
    plant: (parts) => ({
      ...parts,
      events: {
        emit: (event) => {
          if (event.reason !== 'WriteFailing') parts.events.emit(event);
        },
      },
    }),
  },
  'logs no trouble': {
    breaks: 'I12',
    plant: (parts) => ({
      ...parts,
      log: logging(parts.log, (message, log) => {
        if (message !== 'namespace is stalled') log();
      }),
    }),
  },
  'says that a namespace has recovered while it still fails': {
    breaks: 'I12 recovered is said when it is true',
    plant: (parts) => ({
      ...parts,
      log: logging(parts.log, (message, log, fields) => {
        log();
        if (message !== 'namespace is stalled') return;
        parts.clock.after(60_000, () => parts.log.info(fields, 'namespace has recovered'));
      }),
    }),
  },
  'takes a ServiceAccount that is too large for one without references': {
    breaks: 'I4',
    seed: 4,
    plant: (parts) => ({
      ...parts,
      cluster: seenThrough(parts.cluster, ({ serviceAccounts, ...namespace }) => ({
        ...namespace,
        serviceAccounts: serviceAccounts.map(({ tooLarge, ...account }) =>
          tooLarge === undefined ? account : { ...account, references: 0, imagePullSecrets: [] },
        ),
      })),
    }),
  },
};

/** What a run waits for until it counts as slow never comes. */
function withoutSlowness(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    after: (delayMs, act) => clock.after(delayMs === 1_000 ? 600_000 : delayMs, act),
  };
}

/** As if a webhook's 429 were the server's own. */
function throttledTogether(parts: ControllerDependencies): ControllerDependencies {
  const { clock } = parts;
  let pausedUntilMs = -Infinity;
  const paused = async <T>(send: () => Promise<T>): Promise<T> => {
    while (clock.monotonicMs() < pausedUntilMs) {
      await new Promise<void>((resolve) => {
        clock.after(1_001, resolve);
      });
    }
    try {
      return await send();
    } catch (error) {
      const isThrottled = error instanceof ControllerError && / 429\b/.test(error.message);
      if (isThrottled) pausedUntilMs = clock.monotonicMs() + 30_000;
      throw error;
    }
  };
  const { pullSecrets, serviceAccounts } = parts;
  return {
    ...parts,
    pullSecrets: {
      ...besides(pullSecrets),
      write: (...write) => paused(() => pullSecrets.write(...write)),
    },
    serviceAccounts: {
      ...bound(serviceAccounts, 'detach'),
      attach: (...attach) => paused(() => serviceAccounts.attach(...attach)),
    },
  };
}

function throughWrites(
  parts: ControllerDependencies,
  change: (attempt: Attempt) => Attempt,
): ControllerDependencies {
  const { pullSecrets, serviceAccounts } = parts;
  return {
    ...parts,
    pullSecrets: {
      ...besides(pullSecrets),
      write: (namespace, content, existing, attempt) =>
        pullSecrets.write(namespace, content, existing, change(attempt)),
    },
    serviceAccounts: {
      ...bound(serviceAccounts, 'detach'),
      attach: (account, attempt) => serviceAccounts.attach(account, change(attempt)),
    },
  };
}

function logging(
  log: Log,
  line: (message: string, log: () => void, fields: Parameters<Log['warn']>[0]) => void,
): Log {
  return {
    ...bound(log, 'debug', 'info', 'error'),
    warn: (fields, message) => line(message, () => log.warn(fields, message), fields),
  };
}
