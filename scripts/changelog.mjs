/** Reads CHANGELOG.md by version. */
import { readFileSync } from 'node:fs';

/** The text of the section `## [VERSION] - DATE`, or `undefined`. */
export function readSection(version) {
  const sections = readFileSync('CHANGELOG.md', 'utf8').split(/^## /m);
  const section = sections.find((one) => one.startsWith(`[${version}] - `));
  if (section === undefined) return undefined;
  const [, ...lines] = section.split('\n');
  // The lines below the last section are link targets.
  return lines
    .filter((line) => !/^\[[^\]]+\]: /.test(line))
    .join('\n')
    .trim();
}

/** The items of a section: `kind` is the heading above in lower case, as Artifact Hub expects; `description` is plain text. */
export function changesIn(section) {
  return section.split(/^### /m).flatMap((part) => {
    const [kind = '', ...lines] = part.split('\n');
    return lines
      .filter((line) => line.startsWith('- '))
      .map((line) => ({ kind: kind.trim().toLowerCase(), description: plain(line.slice(2)) }));
  });
}

function plain(markdown) {
  return markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/\*\*|`/g, '');
}
