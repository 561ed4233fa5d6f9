import { expect, it } from 'vitest';
import type { CollectorFinding } from '#collector/finding.ts';
import { ASK_AFTER_MS, askLater, awaitFile, outcomeIn, OUTCOME_WAIT_MS, type AwaitedFile } from './scan-outcome.ts';
import { isFailure, toldWords, type Told } from './told-words.ts';

const ZONE = 'Europe/Moscow';

it('[S1-04] a file that was sent is asked after in growing pauses, and not beyond half an hour', () => {
  let file: AwaitedFile | null = awaitFile({ upload: 'u', name: 'a.pdf', sha256: 'x' }, 0);
  const pauses: number[] = [file.askAtMs];
  for (let n = 0; n < 4 && file; n += 1) {
    const nowMs: number = file.askAtMs;
    file = askLater(file, nowMs);
    pauses.push((file?.askAtMs ?? 0) - nowMs);
  }
  expect(pauses).toEqual([...ASK_AFTER_MS, ASK_AFTER_MS.at(-1)]);
  expect(file && askLater(file, OUTCOME_WAIT_MS - 1)).not.toBeNull();
  expect(file && askLater(file, OUTCOME_WAIT_MS)).toBeNull();
});

it('an answer that is none is no outcome', () => {
  expect(outcomeIn('<html>')).toBeNull();
  expect(outcomeIn('{"outcome":{"status":"read"}}')).toBeNull();
  expect(outcomeIn('{"outcome":{"status":"unreadable","findings":[{"code":"NONE","data":{}}]}}')).toBeNull();
  expect(outcomeIn('{"outcome":{"status":"read","pages":2,"errors":0}}')).toEqual({
    status: 'read',
    pages: 2,
    errors: 0,
  });
});

it('[S1-12] a line a file: what was read, or why it was refused and what to do; what is refused or unheard fails', () => {
  const encrypted: CollectorFinding = {
    code: 'FILE_UNSUPPORTED',
    data: { reason: 'encrypted', looksLike: 'PDF', path: null },
  };
  const heard = (outcome: (Told & { kind: 'heard' })['outcome']): Told => ({ kind: 'heard', name: 'a.pdf', outcome });
  const read = heard({ status: 'read', pages: 20, errors: 3 });
  expect(toldWords(read, 'ru', ZONE)).toBe('a.pdf: прочитано страниц 20, ошибок 3');
  expect(toldWords(read, 'en', ZONE)).toBe('a.pdf: pages read 20, errors 3');
  const failures = [
    heard({ status: 'refused', code: 'batch_ended', params: {} }),
    heard({ status: 'unreadable', findings: [encrypted] }),
    heard({ status: 'unreadable', findings: [] }),
    { kind: 'unheard', name: 'a.pdf' } as const,
  ];
  expect(failures.map(isFailure)).toEqual(failures.map(() => true));
  const lines = failures.map((told) => toldWords(told, 'ru', ZONE));
  for (const line of lines.slice(0, 3)) expect(line).toMatch(/^a\.pdf: отказано\. .+: .+ Что делать: .+/);
  expect(lines[1]).toContain('без пароля');
  expect(lines[3]).toContain('за 30 мин');
  expect([read, { kind: 'sent', name: 'a.pdf' } as const].some(isFailure)).toBe(false);
});
