/** Counts things in messages for people. */

/** Such as `1 Secret` and `2 Secrets`. `noun`: in the singular, with a plural in -s. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
