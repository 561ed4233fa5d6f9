import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPersonalHeading, HEADING_ROWS_MAX, readPersonalColumn } from './read/personal-column.ts';
import { filledXls, filledXlsx, GOOD_ROWS } from './testing.ts';

describe('headings of persons', () => {
  it.each([
    'ФИО',
    'Ф.И.О.',
    'Ф. И. О. обучающегося',
    '№ п/п, ФИО',
    'фамилия, имя',
    'Фамилия',
    'Имя',
    'Имя ученика',
    'Отчество (при наличии)',
    'Ученик',
    'Обучающийся',
    'Ученик (ученица)',
    'Ребёнок',
    'СНИЛС',
    'СНИЛС директора',
    'Номер СНИЛС',
    'Паспорт',
    'Паспорт (серия, номер)',
    'Паспортные данные',
    'Паспорт обучающегося',
    'Дата рождения',
    'Дата рожд.',
    'Свидетельство о рождении',
    'Документ, удостоверяющий личность',
    'ФИО классного руководителя',
    'Surname',
    'First name',
    'Student name',
    'Date of birth',
    'Passport number',
    'Ф\u00ADИО',
  ])('[S0-01] «%s» names a column of persons', (heading) => {
    expect(isPersonalHeading(heading)).toBe(true);
  });

  it.each([
    'Название класса',
    'Класс',
    'Число обучающихся',
    'Количество учеников',
    'Численность обучающихся 2010 года рождения',
    'Кол-во учащихся',
    'Доля обучающихся, %',
    'Обучающихся в классе',
    'Ученики',
    'Код ученика',
    'Код участника',
    'Наименование организации',
    'Имя файла',
    'Name of the class',
    'Number of students',
    'Паспорт школы',
    'Социальный паспорт класса',
    'ИС «Паспорт школы»',
    'МБОУ СОШ имени М. Ю. Лермонтова',
    'ФИО директора',
    'Фамилия, имя, отчество координатора',
    'Ответственный исполнитель (ФИО)',
    'Пропущено по болезни',
    'Фиолетовый',
    "'@имя",
    'Дата',
    '12',
    '',
  ])('[S0-01] «%s» names none', (heading) => {
    expect(isPersonalHeading(heading)).toBe(false);
  });

  it('a sentence about names is no heading', () => {
    expect(
      isPersonalHeading(`Не указывайте фамилии и имена: ${'обмен обезличен, нужны только числа; '.repeat(4)}`),
    ).toBe(false);
  });
});

describe('files with a column of persons', () => {
  it('[S0-01] .xls, .xlsx and .csv alike are told by sheet and cell', async () => {
    const rows = [...GOOD_ROWS.map((row): (string | number)[] => [...row, 'Тестов Тест'])];
    const spoiltXlsx = await filledXlsx(rows, (sheet) => {
      sheet.getCell('H5').value = 'ФИО ученика';
    });
    const spoiltXls = await filledXls(rows, (sheet) => {
      sheet['H5'] = { t: 's', v: 'ФИО ученика' };
    });
    const csv = new TextEncoder().encode('Код;Название;СНИЛС\ni48-1;СОШ № 101;000-000-000 00\n');
    const windows = Buffer.from('CAF3EBF2F3F03BD4C8CE0D0A', 'hex'); // «Культур;ФИО» in windows-1251
    expect(await readPersonalColumn(spoiltXlsx)).toMatchObject({ cell: 'H5', heading: 'ФИО ученика' });
    expect(await readPersonalColumn(spoiltXls)).toMatchObject({ cell: 'H5', heading: 'ФИО ученика' });
    expect(await readPersonalColumn(csv)).toMatchObject({ cell: 'C1', heading: 'СНИЛС' });
    expect(await readPersonalColumn(windows)).toMatchObject({ cell: 'B1', heading: 'ФИО' });
  });

  it('[S0-01] a hidden sheet and a further one are looked through too', async () => {
    const spoilt = await filledXlsx(GOOD_ROWS, (_, book) => {
      const list = book.addWorksheet('Список', { state: 'veryHidden' });
      list.getCell('B3').value = 'Фамилия';
    });
    expect(await readPersonalColumn(spoilt)).toEqual({ sheet: 'Список', cell: 'B3', heading: 'Фамилия' });
  });

  it('what was found holds the heading, never what stands below it', async () => {
    const spoilt = await filledXlsx(GOOD_ROWS, (sheet) => {
      sheet.getCell('I5').value = 'Фамилия';
      sheet.getCell('I6').value = 'Тестов';
    });
    expect(JSON.stringify(await readPersonalColumn(spoilt))).not.toContain('Тестов');
  });

  it('templates, and every file of the fixtures, have none', async () => {
    const folder = join(import.meta.dirname, 'fixtures');
    for (const name of readdirSync(folder).filter((file) => /\.xlsx?$/.test(file)))
      expect(await readPersonalColumn(readFileSync(join(folder, name))), name).toBeNull();
  });

  it(`looks at the first ${HEADING_ROWS_MAX} rows with something in them`, async () => {
    const csv = (before: number): Uint8Array => new TextEncoder().encode(`${'1;2\n\n'.repeat(before)}ФИО;2\n`);
    expect(await readPersonalColumn(csv(HEADING_ROWS_MAX - 1))).not.toBeNull();
    expect(await readPersonalColumn(csv(HEADING_ROWS_MAX))).toBeNull();
  });
});
