import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { MARKER } from '../../../demo/stage/embedded-ecr.ts';
import { runDemo } from '../../../demo/run-demo.ts';
import { DemoProcess } from '../../support/process/demo-process.ts';

/** The part of the story that README shows. */
function excerptOfReadme(): readonly string[] {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const [, excerpt = ''] = /```text\n([^]*?)```/.exec(readme) ?? [];
  return excerpt.trimEnd().split('\n');
}

function play(stream: PassThrough, interrupted = new AbortController().signal): Promise<number> {
  return runDemo({
    once: true,
    kubeconfig: undefined,
    context: undefined,
    awsEndpoint: undefined,
    interrupted,
    stream: stream as unknown as NodeJS.WriteStream,
  });
}

describe('the demo', () => {
  it('keeps every promise, shows no token and ends by itself with --once', async () => {
    const demo = new DemoProcess(['--once']);
    const code = await demo.exited;

    expect(demo.output).toMatch(/\n18 promises kept, 0 broken$/);
    expect(code).toBe(0);
    expect(demo.errors).toBe('');
    expect(demo.output).not.toContain(MARKER);
    for (const line of excerptOfReadme()) expect(demo.output).toContain(line);
  }, 40_000);

  it('ends cleanly when its terminal is closed while ECR fails', async () => {
    const demo = new DemoProcess([]);
    await demo.untilPrinted('ECR responds with 500 from now on');

    expect(await demo.interrupt('SIGHUP')).toBe(130);
    expect(demo.output).not.toContain('✗');
  }, 40_000);

  it('prints no story if it is interrupted while it starts', async () => {
    const stream = new PassThrough();

    expect(await play(stream, AbortSignal.abort())).toBe(130);
    expect(String(stream.read())).toBe(
      'ecr-pull-secrets: the demo\n\n   stopped; nothing is left behind\n',
    );
  });

  it('ends cleanly when its output is no longer read', async () => {
    const stream = new PassThrough();
    stream.on('data', (text) => {
      if (String(text).includes('Three teams opt in')) stream.destroy(new Error('EPIPE'));
    });

    expect(await play(stream)).toBe(130);
  });
});
