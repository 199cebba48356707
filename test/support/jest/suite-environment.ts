/** jest environment of every suite: ends the processes that the suite started, even if its set-up failed half-way. */
import { TestEnvironment } from 'jest-environment-node';
import { killChildren } from '../control-plane/guarded-process.ts';

// oxlint-disable-next-line import/no-default-export -- jest's contract
export default class SuiteEnvironment extends TestEnvironment {
  override async teardown(): Promise<void> {
    await killChildren(this.global);
    await super.teardown();
  }
}
