/** Parses `fieldSelector`: comma-separated requirements that fields equal or differ from a value. */
import { badRequest } from '../objects/api-failure.ts';

export interface FieldRequirement {
  readonly field: string;
  readonly isEqual: boolean;
  readonly value: string;
}

/** Throws a 400 for text that can't be parsed. Does not check whether the kind has the fields. */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  return splitUnescaped(text)
    .filter((term) => term !== '')
    .map((term) => parseTerm(term, text));
}

/** The required object name: RBAC uses it as the name of a list or watch. */
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

/** Only a backslash, a comma and an equals sign can be escaped. */
function unescape(value: string): string {
  const bad = /\\([^\\,=]|$)/.exec(value.replaceAll(/\\[\\,=]/g, ''));
  if (bad !== null) {
    throw badRequest(`invalid field selector: invalid escape sequence: \\${bad[1] ?? ''}`);
  }
  return value.replaceAll(/\\([\\,=])/g, '$1');
}
