import { describe, expect, it } from 'vitest';
import { personalDataIn } from './personal-data.ts';

describe('personal data in a text', () => {
  it('[S0-01] is a telephone, a SNILS, a passport or an address, however it is written', () => {
    for (const text of ['+7 000 000-00-01', '8 (000) 000 00 01', 'тел. 80000000001', '+70000000001.'])
      expect(personalDataIn(text), text).toEqual(['phone']);
    for (const text of ['112-233-445 95', '112 233 445 95', 'СНИЛС 11223344595'])
      expect(personalDataIn(text), text).toEqual(['snils']);
    for (const text of [
      '42 00 000000',
      '4200 000000',
      '4200 № 000000',
      'паспорт 4200000000',
      'Паспорт серия 4200 номер 000000',
    ])
      expect(personalDataIn(text), text).toEqual(['passport']);
    expect(personalDataIn('пишите на user02@example.org')).toEqual(['email']);
  });

  it('is not what only looks a little like it', () => {
    for (const text of [
      'СНИЛС с ошибкой 112-233-445 96',
      'ИНН 4800000000',
      'телефон +7 000 000-00',
      'в 2012-2013 году 1 234 567 уроков',
      'файл 80000000001234.xls',
      'с 08.10.2019 по 12.10.2019, аудитории 101 и 102',
      'код 48-1-000-123-45-67-89',
      'attendance-48-2012, лист 3, ячейка D14',
      'ник @example',
      '',
    ])
      expect(personalDataIn(text), text).toEqual([]);
  });

  it('is named by all of its kinds', () => {
    expect(personalDataIn('+7 000 000-00-01, 4200 000000')).toEqual(['phone', 'passport']);
  });
});
