/**
 * What a survey of assessment schedules begins with: the region changes what it likes before it opens the survey. The questions follow the
 * recommendations that are known from secondary sources (domain 3.4.1), which is why they are recommendations and no law; the plan is
 * that of domain 5.10. Russian, because it is data of the survey as the forms of `models/attendance` are.
 */
import type { PlanRow } from './plan.ts';
import { TEXT_CHARS_MAX, type Questionnaire } from './questionnaire.ts';

export const STANDARD_DIRECTION = 'Качество подготовки обучающихся';

/** The earliest and the latest day that a schedule may be approved on. */
const APPROVED = { from: '2020-01-01', to: '2099-12-31' };
const asked = { hint: '', isRequired: true, shownWhen: null };
const ifMade = { question: 'scheduleMade', is: ['yes'] };

export const STANDARD_QUESTIONNAIRE: Questionnaire = {
  sections: [
    {
      key: 'schedule',
      title: 'График оценочных процедур',
      questions: [
        {
          ...asked,
          key: 'scheduleMade',
          kind: 'yesNo',
          text: 'Составлен единый график оценочных процедур на учебный год',
        },
        {
          ...asked,
          key: 'scheduleDate',
          kind: 'date',
          text: 'Дата утверждения графика',
          shownWhen: ifMade,
          ...APPROVED,
        },
        {
          ...{ ...asked, key: 'schedulePublished', kind: 'yesNo', shownWhen: ifMade },
          text: 'График размещён на официальном сайте организации',
        },
        {
          ...{ ...asked, key: 'scheduleBy', kind: 'many', isRequired: false, shownWhen: ifMade },
          text: 'Кто участвовал в составлении графика',
          options: [
            { key: 'head', text: 'руководитель и его заместители' },
            { key: 'teachers', text: 'учителя-предметники' },
            { key: 'associations', text: 'методические объединения' },
            { key: 'parents', text: 'родительская общественность' },
          ],
        },
        {
          ...{ ...asked, key: 'scheduleWhy', kind: 'text', charsMax: TEXT_CHARS_MAX },
          ...{ text: 'Почему графика нет и когда он будет', shownWhen: { question: 'scheduleMade', is: ['no'] } },
        },
      ],
    },
    {
      key: 'procedures',
      title: 'Запланированные процедуры',
      questions: [
        { ...asked, key: 'parallels', kind: 'number', text: 'Параллелей классов', min: 1, max: 11 },
        { ...asked, key: 'classes', kind: 'number', text: 'Классов-комплектов', min: 1, max: 200 },
        {
          ...{
            ...asked,
            key: 'planned',
            kind: 'number',
            text: 'Оценочных процедур запланировано всего',
            min: 0,
            max: 10_000,
          },
          hint: 'Оценочная процедура — контрольная, проверочная или диагностическая работа всего класса не короче 30 минут.',
        },
        { ...asked, key: 'federal', kind: 'number', text: 'Из них федерального уровня', min: 0, max: 10_000 },
        { ...asked, key: 'regional', kind: 'number', text: 'Из них регионального уровня', min: 0, max: 10_000 },
        { ...asked, key: 'own', kind: 'number', text: 'Из них уровня организации', min: 0, max: 10_000 },
      ],
    },
    {
      key: 'balance',
      title: 'Выполнение рекомендаций по сбалансированности',
      questions: [
        {
          ...{ ...asked, key: 'often', kind: 'share', max: 1_000 },
          text: 'В скольких парах «параллель — предмет» процедуры проводятся не чаще одного раза в 2,5 недели',
        },
        {
          ...{ ...asked, key: 'tenth', kind: 'share', max: 1_000 },
          text: 'В скольких парах «параллель — предмет» процедуры занимают не больше 10% учебного времени предмета',
        },
        { ...asked, key: 'lessons', kind: 'yesNo', text: 'Процедуры не ставятся на первый и последний урок' },
        { ...asked, key: 'daily', kind: 'yesNo', text: 'В одном классе не больше одной процедуры в день' },
        {
          ...{ ...asked, key: 'doubled', kind: 'one' },
          text: 'Дублируют ли процедуры организации федеральные и региональные',
          options: [
            { key: 'never', text: 'нет, дублирование исключено' },
            { key: 'partly', text: 'частично' },
            { key: 'yes', text: 'да' },
          ],
        },
        {
          ...{ ...asked, key: 'hindrance', kind: 'text', isRequired: false, charsMax: TEXT_CHARS_MAX },
          text: 'Что мешает выполнить рекомендации',
        },
      ],
    },
  ],
  checks: [
    { kind: 'notMore', question: 'parallels', than: 'classes' },
    { kind: 'sum', parts: ['federal', 'regional', 'own'], whole: 'planned' },
  ],
  indicators: [
    { key: 'made', title: 'График составлен', question: 'scheduleMade', option: null },
    { key: 'published', title: 'График размещён на сайте', question: 'schedulePublished', option: null },
    { key: 'planned', title: 'Процедур запланировано', question: 'planned', option: null },
    { key: 'often', title: 'Не чаще раза в 2,5 недели', question: 'often', option: null },
    { key: 'tenth', title: 'Не больше 10% времени', question: 'tenth', option: null },
    { key: 'lessons', title: 'Не на первом и последнем уроке', question: 'lessons', option: null },
    { key: 'daily', title: 'Не больше одной в день', question: 'daily', option: null },
    { key: 'undoubled', title: 'Дублирование исключено', question: 'doubled', option: 'never' },
  ],
};

const row = (number: string, activity: string, period: string, responsible: string, note: string): PlanRow => ({
  ...{ number, activity, period, responsible, note },
});
const [REGION, MUNICIPALITY, INSTITUTION] = [
  'региональный координатор',
  'муниципальный координатор',
  'руководитель ОО / назначенный ответственный',
];

/**
 * Rows 1 to 7 and 9 with an empty 8 between them, then two without a number: as the source numbers them (S4-24). Days are every region's own,
 * and every year's.
 */
export const STANDARD_PLAN: readonly PlanRow[] = [
  row('1', 'Рассылка рекомендаций муниципальным координаторам', '', REGION, ''),
  row('2', 'Рассылка рекомендаций во все ОО согласно списку', '', MUNICIPALITY, 'все ОО муниципалитета'),
  row('', 'Уточнение адресов руководителей ОО', '', MUNICIPALITY, 'до передачи логинов и паролей'),
  row('3', 'Передача адреса сайта, логинов и паролей муниципальным координаторам', '', REGION, 'для каждой ОО'),
  row('4', 'Передача данных для входа и инструкций в каждую ОО', '', MUNICIPALITY, 'директорам согласно списку'),
  row('5', 'Внесение данных', '', INSTITUTION, 'с 9:00 до 18:00'),
  row('6', 'Сверка данных', 'определяет муниципальный координатор', INSTITUTION, 'данные можно скачать'),
  row('7', 'Внесение уточнений', '', INSTITUTION, 'по мере необходимости'),
  row('8', '', '', '', ''),
  row('9', 'Агрегация данных, отчёты муниципального уровня', '', REGION, 'информационный отчёт'),
  row('', 'Собеседования, сверки, согласования графиков', '', MUNICIPALITY, ''),
  row('', 'Передача данных в министерство', 'по распорядительному документу', REGION, 'данные выгружаются из системы'),
];
