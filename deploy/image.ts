/** What the Dockerfile puts into the image, and what the hub needs there: read from both, so that neither is told twice. */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface Instruction {
  word: string;
  rest: string;
}

/** The stages of a Dockerfile, each beginning with its FROM; comments are gone, continued lines are joined. */
export function readStages(dockerfile: string): Instruction[][] {
  const instructions = dockerfile
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [word = '', ...rest] = line.split(/\s+/);
      return { word: word.toUpperCase(), rest: rest.join(' ') };
    });
  const stages: Instruction[][] = [];
  for (const instruction of instructions) {
    if (instruction.word === 'FROM') stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
}

/** What the last stage copies from the build, relative to the repository. */
export function copiedPaths(dockerfile: string): string[] {
  return (readStages(dockerfile).at(-1) ?? [])
    .filter(({ word, rest }) => word === 'COPY' && rest.startsWith('--from=build'))
    .map(({ rest }) => (rest.split(' ')[1] ?? '').replace(/^\/app\//, ''));
}

export interface Reach {
  /** Files of ours, relative to the repository. */
  files: string[];
  /** Packages by name. */
  packages: string[];
}

/** Follows the imports of a program from its entry, types left out: all that may be loaded when it runs. */
export function reachFrom(entry: string): Reach {
  const { imports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    imports: Record<string, string>;
  };
  const files = new Set<string>();
  const packages = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    // The pages are bundled: what they need beside the bundle is a matter of the running test.
    if (file.startsWith('build/')) continue;
    for (const name of importsOf(file)) {
      if (name.startsWith('.')) waiting.push(normalize(join(dirname(file), name)));
      else if (name.startsWith('#')) waiting.push(resolveInner(name, imports));
      else if (!name.startsWith('node:')) packages.add(/^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
    }
  }
  return { files: [...files].sort(), packages: [...packages].sort() };
}

function importsOf(file: string): string[] {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const code = file.endsWith('.ts') ? stripTypeScriptTypes(source) : source;
  const imported = ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => fileName);
  // Workers and what is loaded by its address.
  const addressed = [...code.matchAll(/new URL\(\s*['"](\.[^'"]+)['"],\s*import\.meta\.url\)/g)].map(
    ([, path]) => path,
  );
  return [...imported, ...addressed].filter((name) => name !== undefined);
}

function resolveInner(name: string, imports: Record<string, string>): string {
  for (const [pattern, target] of Object.entries(imports)) {
    const prefix = pattern.replace(/\*$/, '');
    if (name.startsWith(prefix)) return relative('.', target.replace('*', name.slice(prefix.length)));
  }
  throw new Error(`${name} is not among the imports of package.json`);
}
