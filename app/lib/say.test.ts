import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FINDING_CODES } from '#models/attendance/workbook.ts';
import { DEED_FIELDS, DEED_KINDS } from '#models/deeds/deed.ts';
import { REFUSAL_CODES } from '#models/error.ts';
import { ITEM_STATUSES } from '#lib/upload/upload-queue.ts';
import { WORK_STATES } from '#models/scanning/work.ts';
import { ROLES, TABLE } from '#models/people/rights.ts';
import { LETTER_KINDS } from '#models/letter/letter.ts';
import { PUSH_KINDS } from '#models/push/push.ts';
import { indicatorsOf, RESULT_KINDS } from '#models/result/result.ts';

type Message = string | { match: Record<string, string> }[];
const read = (locale: string): Record<string, Message> => {
  const { $schema: _, ...messages } = JSON.parse(readFileSync(`messages/${locale}.json`, 'utf8')) as Record<
    string,
    Message
  >;
  return messages;
};
const ru = read('ru');
const en = read('en');
const places = (message: Message): string[] => {
  const texts = typeof message === 'string' ? [message] : Object.values(message[0]?.match ?? {});
  return [...new Set(texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')))].sort();
};

describe('the message files', () => {
  it('say the same things in both languages', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(ru).sort());
    for (const [key, message] of Object.entries(ru))
      expect([key, places(en[key] ?? '')]).toEqual([key, places(message)]);
  });

  it('[S2-19] have a title, a cause and a remedy for every refusal', () => {
    const parts = REFUSAL_CODES.flatMap((code) => ['title', 'why', 'remedy'].map((part) => `refusal_${code}_${part}`));
    expect(parts.filter((key) => !(key in ru))).toEqual([]);
  });

  it('[S2-19] have a cause and a remedy for every finding in a file', () => {
    const parts = FINDING_CODES.flatMap((code) => ['cause', 'remedy'].map((part) => `finding_${code}_${part}`));
    expect(parts.filter((key) => !(key in ru))).toEqual([]);
  });

  it('have a name for every role', () => {
    expect(ROLES.filter((role) => !(`role_${role}` in ru))).toEqual([]);
  });

  it('have a name for every kind of deed, and for every field that an entry names', () => {
    const keys = [
      ...DEED_KINDS.map((kind) => `deed_${kind.replace('.', '_')}`),
      ...DEED_FIELDS.map((field) => `deed_field_${field}`),
    ];
    expect(keys.filter((key) => !(key in ru))).toEqual([]);
  });

  it('have a name for every row of the table of rights', () => {
    expect(Object.keys(TABLE).filter((name) => !(`right_row_${name}` in ru))).toEqual([]);
  });

  it('have a subject and a text for every letter', () => {
    const parts = LETTER_KINDS.flatMap((kind) => ['subject', 'text'].map((part) => `letter_${kind}_${part}`));
    expect(parts.filter((key) => !(key in ru))).toEqual([]);
  });

  it('[S1-42] have a title for every cause of a notice on a device', () => {
    expect(PUSH_KINDS.filter((kind) => !(`push_title_${kind}` in ru))).toEqual([]);
  });

  it('[S0-08] have a name for every kind of result and each of its indicators', () => {
    const keys = RESULT_KINDS.flatMap((kind) => [
      `result_kind_${kind}`,
      ...indicatorsOf(kind, []).map(({ key }) => `result_${kind}_${key}`),
    ]);
    expect(keys.filter((key) => !(key in ru))).toEqual([]);
  });

  it('[S1-04] have a name for every state of a file that is being sent', () => {
    expect(ITEM_STATUSES.filter((status) => !(`upload_state_${status}` in ru))).toEqual([]);
  });

  it('[S1-13] have a name for every state of a work', () => {
    expect(WORK_STATES.filter((status) => !(`work_${status}` in ru))).toEqual([]);
  });

  it('hold no words that nobody says', () => {
    const sources = globSync('{app,server,demo,tools}/**/*.{ts,svelte}', { exclude: ['app/lib/paraglide/**'] })
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const byCode =
      /^(refusal|letter|finding|field|submission|need|column|role|skill|cause|access_state|cell|unit_kind|unit_status|unit_ownership|unit_deed|unit_field|unit_count|import_status|import_tab|contextual_problem|connection|queue|kind|handover_state|handing_level|credentials_deed|credential_hand|credential_trail|batch_route|publication_kind|publication_state|publication_receipt|publication_scope|study_region|study_state|survey_(?:problem|question|plan|state)|scanning_(?:state|sort|requirement)|scan_(?:finding|way|cause|fact|limit|edge|source|holder|said|attendance|step|state)|collector_(?:batch_state|file_state|page|dropped)|upload_state|work|stage|category|ending|channel|deed|right|result|forum_(?:kind|show|empty|write|stage|personal|since|status|placeholder|statistics|concern|digest)|push_title)_/;
    const silent = Object.keys(ru).filter((key) => !byCode.test(key) && !new RegExp(`\\b${key}\\b`).test(sources));
    expect(silent).toEqual([]);
  });

  it('never praise, exclaim or blame', () => {
    const loud = Object.entries(ru).filter(([, message]) => /успешно|!/i.test(JSON.stringify(message)));
    expect(loud.map(([key]) => key)).toEqual([]);
  });
});
