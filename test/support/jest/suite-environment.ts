/** jest's environment of every suite: what the suite has started ends with it, also where its set-up failed half-way. */
import { TestEnvironment } from 'jest-environment-node';
import { killChildren } from '../control-plane/guarded-process.ts';

// oxlint-disable-next-line import/no-default-export -- jest's contract
export default class SuiteEnvironment extends TestEnvironment {
  override async teardown(): Promise<void> {
    await killChildren(this.global);
    await super.teardown();
  }
}
