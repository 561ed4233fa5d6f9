/**
 * `npm run read-scans -- FILE… [--json]`: reads pages as the Collector would, one line a page, so that scanners and their settings can be tried
 * without a hub. Ends with 1 when any file was refused.
 */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { spell } from './code.ts';
import { severityOf } from './finding.ts';
import { FORMS } from './forms/index.ts';
import type { FieldReading, FileOutcome, ReadPage } from './reading.ts';
import { createCollector } from './workers.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
});
if (positionals.length === 0) {
  console.error('npm run read-scans -- FILE… [--json]');
  process.exit(2);
}

const collector = createCollector({ threads: 1 });
let refused = 0;
for (const path of positionals) {
  const file = basename(path);
  if (!(await stat(path).catch(() => null))?.isFile()) {
    console.error(`${path}: no such file`);
    refused++;
    continue;
  }
  const outcome = await collector.readFile({ path }, { forms: FORMS }, (page) => {
    console.log(values.json ? JSON.stringify(factsOf(file, page)) : lineOf(file, page));
  });
  if (outcome.findings.length > 0) {
    refused++;
    console.log(values.json ? JSON.stringify({ file, ...outcome }) : lineOfOutcome(file, outcome));
  }
}
await collector.close();
process.exitCode = refused > 0 ? 1 : 0;

function factsOf(file: string, { number, path, reading }: ReadPage): Record<string, unknown> {
  const { identity, dpi, width, height, fields, findings, stageMs } = reading;
  return {
    ...{ file, page: number, path, identity, dpi, width, height },
    marks: Object.fromEntries(fields.map((field) => [field.key, saidBy(field)])),
    findings: findings.map((finding) => ({ code: finding.code, severity: severityOf(finding) })),
    ms: Math.round(Object.values(stageMs).reduce((sum, ms) => sum + ms, 0)),
    stageMs,
  };
}

function saidBy(field: FieldReading): string | null {
  if (field.kind === 'freeAnswer' || field.kind === 'text') return field.isBlank ? null : 'written';
  const { decision } = field;
  if (decision.kind === 'one') return decision.option;
  return decision.kind === 'none' ? null : `${decision.kind}: ${decision.options.join(' ')}`;
}

function lineOf(file: string, page: ReadPage): string {
  const { identity, dpi, fields, findings, stageMs } = page.reading;
  const who = identity ? `${spell(identity.text)} form ${identity.code.form} page ${identity.code.page}` : 'nobody’s';
  const decided = fields.filter((field) => 'decision' in field && field.decision.kind === 'one').length;
  const ms = Math.round(Object.values(stageMs).reduce((sum, value) => sum + value, 0));
  const where = page.path === null ? file : `${file}/${page.path}`;
  return `${where} ${page.number}: ${who}, ${dpi ?? '?'} dpi, ${decided} marks, ${findings.map(({ code }) => code).join(' ') || 'no findings'}, ${ms} ms`;
}

function lineOfOutcome(file: string, { findings }: FileOutcome): string {
  return findings.map((finding) => `${file}: ${finding.code} ${JSON.stringify(finding.data)}`).join('\n');
}
