/** Words of the field (domain 1), as data: what says nothing by itself, and what people call by several words. Pure. */

/** Words that stand in every second question and tell none from another. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'а без бы был была были было быть в вам вас ваш ваша ваше ваши во вот все всё вы где да даже для до его ее её если есть еще ещё ' +
    'же за здесь здравствуйте и из или им их к как какая какие какой каких какую ко когда который которая которые кто ли либо лишь ' +
    'меня мне можно может могу можем мы на над надо нам нас наш наша наше наши не нет ни но ну нужно нужна нужен нужны о об однако он ' +
    'она они оно от очень по под пожалуйста подскажите при про просто с сам сами свой свои своего со спасибо так также там те тем то ' +
    'того тоже только тот ту тут ты у уже хотя хотим чего чем что чтобы эта эти это этого этой этом этот эту я добрый день коллеги ' +
    'уважаемые делать сделать будет будут ' +
    'a an and are as at be but by can could do does for from has have how i if in is it its me my no not of on or our please should ' +
    'so than thanks that the their them then there these they this to us was we what when where which who why will with would you your'
  ).split(' '),
);

/**
 * One thing called by several words. Only what the field itself calls so (domain 1), or what people of the field say for the same deed;
 * words that merely stand near each other do not belong here, since each line makes different questions alike.
 */
export const CONCEPTS: Readonly<Record<string, readonly string[]>> = {
  institution: ['школа', 'оо', 'организация', 'учреждение', 'лицей', 'гимназия', 'school', 'institution'],
  college: ['колледж', 'техникум', 'спо', 'college'],
  student: ['ученик', 'учащийся', 'обучающийся', 'студент', 'дети', 'ребенок', 'student', 'pupil'],
  participant: ['участник', 'participant'],
  teacher: ['учитель', 'преподаватель', 'педагог', 'teacher'],
  head: ['директор', 'руководитель', 'начальник', 'head', 'director', 'principal'],
  coordinator: ['координатор', 'ответственный', 'организатор', 'coordinator', 'organizer', 'organiser'],
  file: ['файл', 'таблица', 'excel', 'эксель', 'xls', 'xlsx', 'file', 'spreadsheet', 'workbook'],
  template: ['шаблон', 'форма', 'образец', 'template', 'form'],
  send: [
    'отправить',
    'отправлять',
    'загрузить',
    'загружать',
    'загрузка',
    'послать',
    'прикрепить',
    'выслать',
    'сдать',
    'upload',
    'send',
    'submit',
  ],
  download: ['скачать', 'скачивать', 'выгрузить', 'выгружать', 'получить', 'download', 'get'],
  fill: [
    'заполнить',
    'заполнять',
    'внести',
    'вносить',
    'вписать',
    'ввести',
    'вводить',
    'указать',
    'указывать',
    'fill',
    'enter',
  ],
  change: [
    'изменить',
    'изменять',
    'поменять',
    'сменить',
    'исправить',
    'исправлять',
    'заменить',
    'замена',
    'правка',
    'change',
    'correct',
    'replace',
    'edit',
  ],
  remove: ['удалить', 'убрать', 'отменить', 'отозвать', 'delete', 'remove', 'cancel', 'withdraw'],
  mistake: ['ошибка', 'ошибиться', 'ошибочный', 'неверно', 'неправильно', 'неправильный', 'error', 'mistake', 'wrong'],
  fails: ['получается', 'работает', 'выходит', 'открывается', 'удается', 'fails', 'works', 'opens'],
  deadline: ['срок', 'дедлайн', 'крайний', 'опоздать', 'опоздали', 'поздно', 'deadline', 'late'],
  password: ['пароль', 'password'],
  login: ['логин', 'вход', 'войти', 'зайти', 'login', 'sign'],
  access: ['доступ', 'учетка', 'аккаунт', 'access', 'account'],
  room: ['аудитория', 'класс', 'помещение', 'room', 'classroom'],
  form: ['бланк', 'лист', 'sheet'],
  scan: ['скан', 'сканировать', 'сканирование', 'сканер', 'отсканировать', 'scan', 'scanner'],
  print: ['печать', 'печатать', 'распечатать', 'распечатка', 'принтер', 'print', 'printer'],
  materials: ['материал', 'ким', 'комплект', 'materials'],
  package: ['пакет', 'package'],
  record: ['ведомость', 'опись', 'акт', 'record', 'inventory'],
  sign: ['подписать', 'подпись', 'подписывать', 'signature'],
  confirm: [
    'подтвердить',
    'подтверждение',
    'галочка',
    'отметка',
    'заверить',
    'достоверность',
    'confirm',
    'attest',
    'tick',
  ],
  report: ['отчет', 'результат', 'итог', 'report', 'result'],
  sample: ['выборка', 'sample'],
  schedule: ['график', 'расписание', 'schedule', 'timetable'],
  observer: ['наблюдатель', 'observer'],
  expert: ['эксперт', 'expert'],
  questionnaire: ['анкета', 'анкетирование', 'опрос', 'questionnaire', 'survey'],
  check: ['проверить', 'проверка', 'проверять', 'сверка', 'сверить', 'выверка', 'check', 'verify'],
  letter: ['письмо', 'почта', 'email', 'емейл', 'letter', 'mail'],
  absence: ['пропуск', 'отсутствие', 'посещаемость', 'absence', 'attendance'],
  appoint: ['назначить', 'назначение', 'назначать', 'appoint'],
  spare: ['запасной', 'резервный', 'резерв', 'дополнительный', 'spare', 'reserve'],
};
