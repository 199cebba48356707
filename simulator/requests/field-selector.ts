/** `fieldSelector`: what fields must or must not be, joined by commas. */
import { badRequest } from '../objects/api-failure.ts';

export interface FieldRequirement {
  readonly field: string;
  readonly isEqual: boolean;
  readonly value: string;
}

/** Throws a 400 for what can't be understood. Which fields there are is the kind's business. */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  return splitUnescaped(text)
    .filter((term) => term !== '')
    .map((term) => parseTerm(term, text));
}

/** The one name that is asked for: what RBAC takes for the name of a list or watch. */
export function requiredName(requirements: readonly FieldRequirement[]): string | undefined {
  const named = requirements.find(({ field, isEqual }) => isEqual && field === 'metadata.name');
  return named?.value;
}

function splitUnescaped(text: string): readonly string[] {
  return [...text.matchAll(/(?:\\.|[^,\\])+|\\$/gs)].map(([term]) => term);
}

function parseTerm(term: string, whole: string): FieldRequirement {
  const parts = /^((?:\\.|[^\\=!])*)(!=|==|=)(.*)$/s.exec(term);
  if (parts === null) {
    throw badRequest(`invalid selector: '${whole}'; can't understand '${term}'`);
  }
  const [, field = '', sign = '', value = ''] = parts;
  return { field, isEqual: sign !== '!=', value: unescape(value) };
}

/** Only a backslash, a comma and a sign of equality can be escaped. */
function unescape(value: string): string {
  const bad = /\\([^\\,=]|$)/.exec(value.replaceAll(/\\[\\,=]/g, ''));
  if (bad !== null) {
    throw badRequest(`invalid field selector: invalid escape sequence: \\${bad[1] ?? ''}`);
  }
  return value.replaceAll(/\\([\\,=])/g, '$1');
}
