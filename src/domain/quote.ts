/** Quotes a bad value in messages for people. */

const MAX_QUOTED = 64;

/** Keeps printable ASCII only, and not much of it: the value is untrusted, and the text goes into Events and logs. */
export function quote(value: string): string {
  const shown = value
    .slice(0, MAX_QUOTED)
    .replaceAll(/[^ -~]/g, '?')
    .replaceAll('"', "'");
  // Joined, it is a copy: as a part of `value`, it would keep all of it in memory.
  return ['"', shown, value.length > MAX_QUOTED ? '…"' : '"'].join('');
}
