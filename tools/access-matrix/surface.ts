/** What there is to ask: the routes with their methods and forms as the source has them, and the use cases of the door. */
import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import type { Door } from '#server/door.ts';

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** What `server/` answers beside the pages and asks rights of. */
const BESIDE_PAGES = ['/uploads POST', '/uploads/[upload] GET', '/uploads/[upload] HEAD'];

/** `/board GET`, `/board give` … for every page, endpoint and form below `app/routes`. */
export function routesOfPages(): string[] {
  const found = new Set<string>(BESIDE_PAGES);
  for (const file of globSync('app/routes/**/+{page,page.server,server}.{ts,svelte}')) {
    const route = `/${file.split('/').slice(2, -1).join('/')}`;
    if (file.endsWith('+server.ts')) for (const name of exportsOf(file).keys()) found.add(`${route} ${name}`);
    else found.add(`${route} GET`);
    if (!file.endsWith('+page.server.ts')) continue;
    const actions = exportsOf(file).get('actions');
    if (!actions || !ts.isObjectLiteralExpression(actions)) continue;
    for (const action of actions.properties) if (action.name) found.add(`${route} ${action.name.getText()}`);
  }
  return [...found].sort();
}

/** The exported constants of a file that are methods or forms, with what they are. */
function exportsOf(file: string): Map<string, ts.Expression | undefined> {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found = new Map<string, ts.Expression | undefined>();
  for (const statement of source.statements) {
    if (!ts.canHaveModifiers(statement)) continue;
    if (!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue;
    const named = ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.map(({ name, initializer }) => [name.getText(), initializer] as const)
      : ts.isFunctionDeclaration(statement) && statement.name
        ? [[statement.name.text, undefined] as const]
        : [];
    for (const [name, initializer] of named) if (name === 'actions' || METHODS.has(name)) found.set(name, initializer);
  }
  return found;
}

/** Parts of the door that are not use cases of the models. */
const NOT_DEEDS = new Set(['signIn', 'limits', 'workbooks']);

/** `units.tree`, `submissions.send` … everything of the models that a page can call. */
export function deedsOfDoor(door: Door): string[] {
  return Object.entries(door)
    .filter(([part, held]) => typeof held === 'object' && held !== null && !NOT_DEEDS.has(part))
    .flatMap(([part, held]) =>
      Object.entries(held as Record<string, unknown>)
        .filter(([, deed]) => typeof deed === 'function')
        .map(([deed]) => `${part}.${deed}`),
    )
    .sort();
}
