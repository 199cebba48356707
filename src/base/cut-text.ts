/** Shortens text that others wrote, before it is kept. */

/** The first `maxLength` characters. A mere part of a text would keep all of it in memory; joined, it is a copy. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return [text.slice(0, 1), text.slice(1, maxLength)].join('');
}
