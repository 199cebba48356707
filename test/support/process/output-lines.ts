/** Collects the output of a child process line by line. */
import type { Readable } from 'node:stream';

export interface OutputLines {
  readonly lines: readonly string[];
}

/** The last line is included even before its line break arrives. */
export function collectLines(stream: Readable): OutputLines {
  const lines: string[] = [];
  let isOpen = false;
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const [first = '', ...others] = chunk.split('\n');
    if (isOpen) lines.push((lines.pop() ?? '') + first);
    else lines.push(first);
    lines.push(...others);
    isOpen = true;
  });
  return {
    get lines() {
      return lines.filter((line) => line !== '');
    },
  };
}
