import { describe, expect, it } from 'vitest';
import {
  activate,
  applyQueueFact,
  applyTicketFact,
  countQueue,
  decline,
  DECIDED_SHOWN_MAX,
  isUnderWay,
  issue,
  queueOf,
  queueState,
  renewTicket,
  requestView,
  ticketView,
  type AccountRequest,
} from './account-request.ts';

const CENTRE = { name: 'Тестов Тест Тестович' };
const NAMES = { institution: 'МБОУ СОШ № 101', parent: 'Округ № 1' };
const submitted = (id = 'r1', submittedAtMs = 10): AccountRequest => ({
  id,
  rev: 1,
  institution: 'i48-1',
  region: '48',
  headName: 'Тестов Иван Иванович',
  letter: { number: '01-12/7', date: '2013-11-19' },
  coordinator: {
    surname: 'Тестова',
    firstName: 'Тест',
    patronymic: 'Тестовна',
    position: 'Завуч',
    phone: '+7 000 000-00-02',
    email: 'user02@example.org',
  },
  ticketHash: `hash of ${id}`,
  submittedAtMs,
  status: 'submitted',
});
const issued = issue(submitted(), CENTRE, 20);
const taken = activate(issued, 'p1', 30);
const declined = decline(submitted(), CENTRE, 'Письмо без подписи', 20);

describe('a request for a cabinet', () => {
  it('[S0-10] is issued by the centre, and taken by the coordinator once', () => {
    expect(issued).toMatchObject({
      status: 'issued',
      byName: CENTRE.name,
      handover: { status: 'handedToInstitution' },
    });
    expect(taken.handover).toEqual({ status: 'activated', atMs: 30, person: 'p1' });
    expect(() => activate(taken, 'p1', 40)).toThrow(expect.objectContaining({ code: 'access_given_already' }));
  });

  it('[S0-10] opens nothing before the centre has answered', () => {
    expect(() => activate(submitted(), 'p1', 30)).toThrow(expect.objectContaining({ code: 'access_awaited' }));
  });

  it('[S0-09] declined, it gives the reason and opens nothing', () => {
    expect(() => activate(declined, 'p1', 30)).toThrow(
      expect.objectContaining({ code: 'access_declined', params: { reason: 'Письмо без подписи' } }),
    );
  });

  it('is decided once: a second decision names the first', () => {
    const first = { code: 'request_decided', params: { status: 'issued', atMs: 20, by: CENTRE.name } };
    expect(() => issue(issued, CENTRE, 40)).toThrow(expect.objectContaining(first));
    expect(() => issue(declined, CENTRE, 40)).toThrow(expect.objectContaining({ code: 'request_decided' }));
    expect(() => decline(declined, CENTRE, 'ещё раз', 40)).toThrow(
      expect.objectContaining({ code: 'request_decided' }),
    );
  });

  it('can be withdrawn as long as nobody took it', () => {
    expect(decline(issued, CENTRE, 'Назначен другой', 25)).toMatchObject({ status: 'declined' });
    expect(() => decline(taken, CENTRE, 'Назначен другой', 40)).toThrow(
      expect.objectContaining({ code: 'request_decided' }),
    );
  });

  it('gets a new ticket until it is taken', () => {
    expect(renewTicket(issued, 'other')).toMatchObject({ ticketHash: 'other', rev: issued.rev + 1 });
    expect(() => renewTicket(taken, 'other')).toThrow(expect.objectContaining({ code: 'access_given_already' }));
  });

  it('keeps the institution from sending another while it is under way', () => {
    expect([submitted(), issued, taken, declined].map(isUnderWay)).toEqual([true, true, false, false]);
  });

  it('never tells its ticket', () => {
    for (const request of [submitted(), issued, taken, declined])
      expect(JSON.stringify([requestView(request, NAMES), ticketView(request, NAMES.institution)])).not.toContain(
        'hash',
      );
  });
});

describe('the queue', () => {
  const view = (request: AccountRequest) => requestView(request, NAMES);

  it('has what waits first, oldest first, then what is decided, latest first', () => {
    const requests = [
      view(submitted('young', 30)),
      view(issue(submitted('first'), CENTRE, 40)),
      view(submitted('old', 20)),
      view(issue(submitted('second'), CENTRE, 50)),
    ];
    expect(queueOf('48', requests).requests.map(({ id }) => id)).toEqual(['old', 'young', 'second', 'first']);
  });

  it('shows the latest decisions only, at the edge', () => {
    const decided = Array.from({ length: DECIDED_SHOWN_MAX }, (_, index) =>
      view(issue(submitted(`d${index}`), CENTRE, 100 + index)),
    );
    expect(queueOf('48', decided).requests).toHaveLength(DECIDED_SHOWN_MAX);
    const more = queueOf('48', [...decided, view(issue(submitted('older'), CENTRE, 50))]);
    expect(more.requests.some(({ id }) => id === 'older')).toBe(false);
  });

  it('tells what waits for the centre from what waits for the coordinator', () => {
    expect([submitted(), issued, taken, declined].map((request) => queueState(view(request)))).toEqual([
      'submitted',
      'handed',
      'activated',
      'declined',
    ]);
    expect(countQueue([view(submitted('a')), view(issued)])).toEqual({
      submitted: 1,
      handed: 1,
      activated: 0,
      declined: 0,
    });
  });
});

describe('the law of live state', () => {
  const deeds: [string, AccountRequest | null, AccountRequest][] = [
    ['a new request', null, submitted()],
    ['an issued one', submitted(), issued],
    ['a declined one', submitted(), declined],
    ['one withdrawn after issuing', issued, decline(issued, CENTRE, 'Назначен другой', 25)],
    ['a taken one', issued, taken],
    ['a renewed ticket', issued, renewTicket(issued, 'other')],
  ];

  it.each(deeds)('holds for %s: old snapshot and fact make the new snapshot', (_name, before, after) => {
    const others = [submitted('r2', 5), decline(submitted('r3'), CENTRE, 'Нет письма', 15)];
    const queue = (request: AccountRequest | null) =>
      queueOf(
        '48',
        [...others, ...(request ? [request] : [])].map((one) => requestView(one, NAMES)),
      );
    const fact = { type: 'requestChanged', body: { request: requestView(after, NAMES) } } as const;
    expect(applyQueueFact(queue(before), fact)).toEqual(queue(after));
    const now = queue(after);
    expect(applyQueueFact(now, fact)).toBe(now);

    if (!before) return;
    const told = { type: 'requestAnswered', body: { request: ticketView(after, NAMES.institution) } } as const;
    expect(applyTicketFact(ticketView(before, NAMES.institution), told)).toEqual(told.body.request);
    expect(applyTicketFact(told.body.request, told)).toBe(told.body.request);
  });
});
