/** One address holds hundreds of connections to the metrics port: the kubelet and Prometheus are answered all the same. */
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { closeAfterAll } from '../support/suite/close-after-all.ts';
import { eventually } from '../support/suite/eventually.ts';
import { Rig } from '../support/cluster/rig.ts';
import { type GuardedChild, spawnGuarded } from '../support/process/guarded-child.ts';
import { programEnvironment } from '../support/process/program-environment.ts';

const MANY = 500;
/** As the chart sets it. */
const PROBE_TIMEOUT_MS = 10_000;

let rig: Rig;
let port: number;
let holder: GuardedChild;

beforeAll(async () => {
  rig = await Rig.open({ controlPlane: 'shared' });
  await rig.run();
  port = Number((await rig.controller.logged('started'))['port']);
});
afterEach(async () => {
  holder.child.kill('SIGKILL');
  await holder.exited;
});
closeAfterAll(() => [rig]);

/** Each connection sends `text` at once and every three seconds, and is opened again when it has ended. */
async function hold(text: string): Promise<void> {
  const program = `
    import { connect } from 'node:net';
    let opened = 0;
    function hold() {
      const socket = connect(${port}, '127.0.0.1');
      const ask = () => socket.write(${JSON.stringify(text)});
      socket.on('connect', () => {
        ask();
        if ((opened += 1) === ${MANY}) console.log('holding');
      });
      const timer = setInterval(ask, 3000);
      socket.on('error', () => {}).on('data', () => {}).on('close', () => {
        clearInterval(timer);
        setTimeout(hold, 20);
      });
    }
    for (let count = 0; count < ${MANY}; count += 1) hold();
  `;
  const command = [process.execPath, '--input-type=module', '--eval', program];
  holder = spawnGuarded(command, programEnvironment());
  await eventually({ what: 'the connections', limitMs: 20_000 }, () =>
    holder.stdout.lines.includes('holding'),
  );
}

/** On a connection of its own, as a kubelet does. The status, or the failure. */
async function ask(path: string): Promise<number | string> {
  try {
    const { statusCode, body } = await request(`http://127.0.0.1:${port}${path}`, {
      reset: true,
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    await body.dump();
    return statusCode;
  } catch (error) {
    return String(error);
  }
}

describe('500 connections of one address', () => {
  it.each([
    ['send nothing', ''],
    ['ask every three seconds', 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['never end their headers', 'GET /livez HTTP/1.1\r\nX-Half: '],
  ])(
    'that %s do not keep probes and scrapes at the same address from an answer',
    async (_, text) => {
      await hold(text);

      const answers: (number | string)[] = [];
      for (let round = 0; round < 10; round += 1) {
        for (const path of ['/livez', '/readyz', '/metrics']) answers.push(await ask(path));
      }

      expect(answers).toEqual(answers.map(() => 200));
    },
  );
});
