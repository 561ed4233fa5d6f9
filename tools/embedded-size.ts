/** `npm run embedded:size`: the embedded store's lines of code by file, without comments, blank lines and tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const folder = 'embedded';

/** The lines on which something other than a comment stands. */
function linesOfCode(path: string): number {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const lines = new Set<number>();
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(source).filter((child) => !ts.isJSDoc(child));
    children.forEach(visit);
    if (children.length > 0 || node.getWidth(source) === 0) return;
    const [first, last] = [node.getStart(source), node.getEnd()].map(
      (at) => source.getLineAndCharacterOfPosition(at).line,
    );
    for (let line = first ?? 0; line <= (last ?? -1); line++) lines.add(line);
  };
  visit(source);
  return lines.size;
}

const isProof = (name: string): boolean => /\.test\.ts$|^check\.ts$|^proof/.test(name);
const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const sizes = names.sort().map((name) => ({ name, lines: linesOfCode(join(folder, name)) }));
const sum = (of: typeof sizes): number => of.reduce((total, { lines }) => total + lines, 0);
const store = sizes.filter(({ name }) => !isProof(name));
for (const { name, lines } of store) console.log(`${String(lines).padStart(5)} ${name}`);
console.log(`${String(sum(store)).padStart(5)} lines of the store in ${store.length} files`);
console.log(`${String(sum(sizes.filter(({ name }) => isProof(name)))).padStart(5)} lines of its tests and proofs`);
