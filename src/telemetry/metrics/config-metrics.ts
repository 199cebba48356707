/** Whether the current configuration file is in effect. */
import { Gauge, type Registry } from 'prom-client';
import { METRIC_PREFIX } from './metric-names.ts';

export interface ConfigState {
  readonly valid: boolean;
  readonly restartRequired: boolean;
}

export class ConfigMetrics {
  readonly #valid: Gauge;
  readonly #restartRequired: Gauge;
  #read: () => ConfigState = () => ({ valid: false, restartRequired: false });

  constructor(registry: Registry) {
    this.#valid = new Gauge({
      name: `${METRIC_PREFIX}config_valid`,
      help: '1 while the configuration file has no fault, not even in a profile.',
      registers: [registry],
    });
    this.#restartRequired = new Gauge({
      name: `${METRIC_PREFIX}config_restart_required`,
      help: '1 while the file has a change that takes effect only after a restart.',
      registers: [registry],
    });
  }

  /** `read` is called at every scrape. */
  collectFrom(read: () => ConfigState): void {
    this.#read = read;
  }

  refresh(): void {
    const { valid, restartRequired } = this.#read();
    this.#valid.set(valid ? 1 : 0);
    this.#restartRequired.set(restartRequired ? 1 : 0);
  }
}
