/**
 * `npm run access-matrix -- [--json]`: asks every page, form, file, stream and use case as everybody of `places.ts`, and
 * compares with `expected/`. Fails when somebody gets what he may not, is refused what he may, or when something stands
 * in no expectation.
 */
import { parseArgs } from 'node:util';
import * as XLSX from '@e965/xlsx';
import { io, type Socket } from 'socket.io-client';
import { refusalOf } from '#lib/refusal/refusal.server.ts';
import { STREAM_KINDS } from '#models/journal/stream.ts';
import { CONTRACT_VERSION, type ClientToServer, type ServerToClient } from '#realtime/contract.ts';
import * as expected from './expected/index.ts';
import type { Asked } from './expected/area.ts';
import { COVERS, foreignNames, PROCEDURE, reaches, type Subject } from './places.ts';
import { deedsOfDoor, routesOfPages } from './surface.ts';
import { startWorld, type Caller, type World } from './world.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });

const verdict = { checks: 0, leaks: 0, wronglyRefused: 0, uncovered: 0, faults: 0 };
const told: string[] = [];
function count(kind: Exclude<keyof typeof verdict, 'checks'>, what: string): void {
  verdict[kind] += 1;
  told.push(`${kind}: ${what}`);
}

/** The oracle: what the hand-written tables say of one subject and one thing that is asked. */
function isExpected(
  subject: Subject,
  { may, unit, isOfProcedure = false, isOfAnyPart = false, isOfOrganizers = false, isOfAnyRegion = false }: Asked,
): boolean {
  if (may === 'everyone') return true;
  if (may === 'ticket' || subject.isVisitor) return false;
  if (may === 'signedIn') return true;
  const { holds } = subject;
  if (!holds || !may.includes(holds.role) || unit === undefined) return false;
  if (reaches(subject, unit, isOfProcedure)) return true;
  if (isOfOrganizers && (COVERS[unit]?.includes(holds.place) ?? false))
    return holds.procedure === null || holds.procedure === PROCEDURE;
  if (isOfAnyRegion && holds.procedure === null) return true;
  // His own part lies within what is asked about, and he sees that part.
  return isOfAnyPart && holds.procedure === null && holds.place.startsWith(unit);
}

function judge(what: string, { subject }: Caller, asked: Asked, isGiven: boolean): void {
  verdict.checks += 1;
  const isDue = isExpected(subject, asked);
  if (isGiven && !isDue) count('leaks', `${what} to ${subject.name}`);
  if (!isGiven && isDue) count('wronglyRefused', `${what} to ${subject.name}`);
}

/* ---- pages, forms, files ---- */

/** A refusal of the right, or a way to the door; whatever else is said of the deed is said to somebody who may do it. */
const REFUSED = new Set([401, 403, 404]);

async function askRoutes({ url, made, callers }: World): Promise<void> {
  const all = expected.routes(made);
  const covered = new Set([...all.map(({ target }) => target), ...Object.keys(expected.routesLeftOut)]);
  const surface = routesOfPages();
  for (const route of surface) if (!covered.has(route)) count('uncovered', route);
  for (const target of covered) if (!surface.includes(target)) count('uncovered', `${target} is gone`);

  for (const expectation of all) {
    const { target, path, form, headers } = expectation;
    const isPost = form !== undefined || target.endsWith(' POST');
    for (const caller of callers) {
      const response = await fetch(`${url}${path}`, {
        method: isPost ? 'POST' : target.endsWith(' HEAD') ? 'HEAD' : 'GET',
        // As a browser without script: a form's answer is a page or a way to one.
        headers: { cookie: caller.cookie, origin: url, accept: 'text/html', ...headers },
        redirect: 'manual',
        ...(form ? { body: new URLSearchParams(form) } : isPost ? { body: new Uint8Array([1]) } : {}),
      });
      const body = new Uint8Array(await response.arrayBuffer());
      if (response.status >= 500) count('faults', `${target} as ${caller.subject.name}: ${response.status}`);
      const leadsToDoor = response.headers.get('location')?.startsWith('/sign-in') ?? false;
      const isRefused = REFUSED.has(response.status) || (leadsToDoor && !target.startsWith('/sign-in'));
      judge(target, caller, expectation, !isRefused || isOtherRefusal(body));
      if (!isRefused && !expectation.isPublic) lookForNames(target, caller, textOf(response, body));
    }
  }
}

/** 401, 403 and 404 are also said of passwords, windows and cabinets: then the right was not what was missing. */
function isOtherRefusal(body: Uint8Array): boolean {
  const text = new TextDecoder().decode(body);
  return /wrong_credentials|window_closed|attestation_late|access_(awaited|declined)|not_registered/.test(text);
}

/** What a person reads in it: of a table the cells. */
function textOf(response: Response, body: Uint8Array): string {
  if (!response.headers.get('content-type')?.includes('spreadsheet')) return new TextDecoder().decode(body);
  const { Sheets: sheets } = XLSX.read(body);
  return Object.values(sheets)
    .map((sheet) => XLSX.utils.sheet_to_csv(sheet))
    .join('\n');
}

function lookForNames(target: string, caller: Caller, text: string): void {
  for (const name of foreignNames(caller.subject)) {
    verdict.checks += 1;
    if (text.includes(name)) count('leaks', `${target} shows ${name} to ${caller.subject.name}`);
  }
}

/* ---- streams ---- */

async function askStreams({ url, made, callers }: World): Promise<void> {
  const all = expected.streams(made);
  const kinds = new Set(all.map(({ stream }) => stream.split(':')[0]));
  for (const kind of Object.keys(STREAM_KINDS)) if (!kinds.has(kind)) count('uncovered', `stream ${kind}`);
  for (const caller of callers) {
    const socket: Socket<ServerToClient, ClientToServer> = io(url, {
      path: '/live',
      transports: ['websocket'],
      extraHeaders: { cookie: caller.cookie },
      forceNew: true,
    });
    for (const expectation of all) {
      const { stream } = expectation;
      const subscribed = await socket.emitWithAck('subscribe', {
        version: CONTRACT_VERSION,
        ticket: null,
        streams: [stream],
      });
      judge(`subscribing to ${stream}`, caller, expectation, subscribed.ok && subscribed.heads.length > 0);
      const snapped = await socket.emitWithAck('snapshot', { ticket: null, stream });
      judge(`a snapshot of ${stream}`, caller, expectation, snapped.ok);
      const pulled = await socket.emitWithAck('pull', { ticket: null, stream, epoch: 'any', after: 0 });
      judge(`a pull of ${stream}`, caller, expectation, pulled.ok || pulled.code === 'resnapshot');
    }
    socket.disconnect();
  }
}

/* ---- use cases ---- */

/** What is not there and what is not yours look alike from outside. */
const REFUSALS = ['not_allowed', 'not_found', 'not_signed_in'];

async function askDeeds({ door, made, callers }: World): Promise<void> {
  const all = expected.deeds(made);
  for (const deed of deedsOfDoor(door))
    if (!(deed in all) && !(deed in expected.deedsLeftOut)) count('uncovered', `use case ${deed}`);
  for (const [name, expectation] of Object.entries(all))
    for (const caller of callers) {
      if (!caller.person) continue;
      try {
        const given = await expectation.call(door, caller.person);
        judge(name, caller, expectation, true);
        if (given !== undefined) lookForNames(name, caller, JSON.stringify(given));
      } catch (error) {
        const refusal = refusalOf(error);
        if (!refusal) count('faults', `${name} as ${caller.subject.name}: ${String(error)}`);
        else judge(name, caller, expectation, !(expectation.refusals ?? REFUSALS).includes(refusal.code));
      }
    }
}

const world = await startWorld();
try {
  await askDeeds(world);
  await askRoutes(world);
  await askStreams(world);
} finally {
  await world.stop();
}
if (values.json) console.log(JSON.stringify(verdict));
else console.log(verdict);
for (const line of told) console.error(line);
process.exitCode = told.length > 0 ? 1 : 0;
