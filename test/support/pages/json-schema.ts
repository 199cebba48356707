/** A schema of the configuration as JSON Schema, for comparison with the documents. */
import * as z from 'zod';

export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly enum?: readonly string[];
}

/** The schema of the input as people write it; parts that JSON Schema can't express are left open. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}
