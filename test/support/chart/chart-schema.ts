/** The part of the chart's values.schema.json that is the configuration's, from the schema of the code. */
import { join } from 'node:path';
import * as z from 'zod';
import { profileSchema } from '../../../src/config/profile-schema.ts';
import { fileSchema } from '../../../src/config/schema.ts';
import { CHART, isMapping } from './chart.ts';

export const CHART_SCHEMA = join(CHART, 'values.schema.json');

type Json = Readonly<Record<string, unknown>>;

/**
 * The schema with its `config` renewed, and all definitions that this needs. Kept as they are: the other values, and the
 * definitions that these alone need.
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

/** `config` itself, and what it refers to. */
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

/** The same in fewer and plainer words. */
function tidy(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(tidy);
  if (!isMapping(schema)) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, tidy(part)]));
  return inOrder(toldApart(withoutWrap(withoutEmptyDefault(inner))));
}

/** What it is comes before its rules. */
function inOrder({ type, description, default: value, ...rest }: Json): Json {
  return JSON.parse(JSON.stringify({ type, description, default: value, ...rest })) as Json;
}

/** Of a section that may be left out, since its keys have defaults of their own. */
function withoutEmptyDefault(schema: Json): Json {
  const { default: value, ...rest } = schema;
  return isMapping(value) && Object.keys(value).length === 0 ? rest : schema;
}

/** A reference by itself needs no `allOf` around it. */
function withoutWrap(schema: Json): Json {
  const { allOf, ...rest } = schema;
  const isWrap = Array.isArray(allOf) && allOf.length === 1 && Object.keys(rest).length === 0;
  return isWrap ? (allOf[0] as Json) : schema;
}

/**
 * Of several options by type: what is wrong with a value is told of its own one alone. Scalars share one schema, where a
 * rule for one type does not concern the others; a list is told from all else.
 */
function toldApart(schema: Json): Json {
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
