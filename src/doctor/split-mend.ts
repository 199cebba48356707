/** Errors of ours say what is wrong and then how to mend it: told apart, so that the mend has a line of its own. */

/** Our own texts have it after the first semicolon or full stop; what AWS calls the error stands in brackets behind. */
const PARTS = /^(.*?)(?:; |\. )(.*?)( \([^()]*\))?$/s;
const FALLBACK = 'look at the credentials of this profile, and at the network';

export function splitMend(text: string): { readonly message: string; readonly mend: string } {
  const [, problem, mend, facts = ''] = PARTS.exec(text) ?? [];
  if (problem === undefined || mend === undefined) return { message: text, mend: FALLBACK };
  return { message: `${problem}${facts}`, mend };
}
