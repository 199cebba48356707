/** The commands of docs/aws-permissions.md, ready to run. */
import { shellBlocks } from './iam-manifests.ts';

/** Commands that can't run here: kubectl has no cluster, and moto has no Pod Identity. */
export const NOT_RUN = /^(?:kubectl|aws eks) /;

export function isForCloudFormation(text: string): boolean {
  return text.includes(' cloudformation deploy ');
}

/** The shell blocks of a section, in order. */
export function blocksOf(title: string): readonly string[] {
  const blocks = shellBlocks().filter(({ section }) => section === title);
  if (blocks.length === 0) throw new Error(`reading the page: no commands under ${title}`);
  return blocks.map(({ text }) => text);
}

/** Prepends the variables and the function that the page sets up first. */
export function withSetUp(text: string): string {
  return [...blocksOf('Set it up'), text].join('\n');
}
