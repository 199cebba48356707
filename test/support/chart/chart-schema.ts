/** Renders the configuration's part of the chart's values.schema.json from the schema in the code. */
import { join } from 'node:path';
import * as z from 'zod';
import { profileSchema } from '../../../src/config/profile-schema.ts';
import { fileSchema } from '../../../src/config/schema.ts';
import { CHART, isMapping } from './chart.ts';

export const CHART_SCHEMA = join(CHART, 'values.schema.json');

type Json = Readonly<Record<string, unknown>>;

/**
 * The schema with its `config` and all definitions that `config` needs regenerated. The other values, and definitions
 * that only they need, stay unchanged.
 */
export function renderChartSchema(text: string): Json {
  const schema = JSON.parse(text) as Json;
  const { properties, definitions: known } = schema;
  if (!isMapping(properties) || !isMapping(known)) throw new Error('no schema of values');
  const generated = definitionsOfConfig();
  const others = JSON.stringify(properties);
  const kept = Object.entries(known).filter(
    ([name]) => !(name in generated) && others.includes(`"#/definitions/${name}"`),
  );
  return { ...schema, definitions: { ...Object.fromEntries(kept), ...generated } };
}

/** The definition of `config`, and all definitions that it refers to. */
function definitionsOfConfig(): Json {
  const { definitions: ofFile, ...config } = jsonSchemaOf(fileSchema(() => true));
  const { definitions: ofProfile, ...profile } = jsonSchemaOf(profileSchema);
  return {
    ...(isMapping(ofFile) ? ofFile : {}),
    ...(isMapping(ofProfile) ? ofProfile : {}),
    profile,
    config,
  };
}

function jsonSchemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
  });
  return tidy(rest) as Json;
}

/** An equivalent, shorter and simpler schema. */
function tidy(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(tidy);
  if (!isMapping(schema)) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, tidy(part)]));
  return inOrder(byType(withoutWrap(withoutEmptyDefault(inner))));
}

/** Puts type, description and default before the rules. */
function inOrder({ type, description, default: value, ...rest }: Json): Json {
  return JSON.parse(JSON.stringify({ type, description, default: value, ...rest })) as Json;
}

/** Removes the empty default of an optional section whose keys have their own defaults. */
function withoutEmptyDefault(schema: Json): Json {
  const { default: value, ...rest } = schema;
  return isMapping(value) && Object.keys(value).length === 0 ? rest : schema;
}

/** Unwraps a single reference from its `allOf`. */
function withoutWrap(schema: Json): Json {
  const { allOf, ...rest } = schema;
  const isWrap = Array.isArray(allOf) && allOf.length === 1 && Object.keys(rest).length === 0;
  return isWrap ? (allOf[0] as Json) : schema;
}

/**
 * Rewrites options that differ by type, so that a wrong value gets only the errors of its own type. Scalars share one
 * schema, in which a rule for one type does not apply to the others; a list is distinguished from everything else.
 */
function byType(schema: Json): Json {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return schema;
  const [first, second] = anyOf as unknown as readonly [Json, Json];
  if (first['type'] === 'array') {
    // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's word
    return { ...rest, if: { type: 'array' }, then: first, else: second };
  }
  if (typeof first['type'] !== 'string' || typeof second['type'] !== 'string') return schema;
  return { ...rest, ...first, ...second, type: [first['type'], second['type']] };
}
