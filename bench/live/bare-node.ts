/** The reference: Socket.IO alone, with the hub's own options, that sends given frames to one room. No journal, no rights. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import type { Frame } from '#realtime/contract.ts';

export type ToBare =
  /**
   * Sends the frames one after another, `FRAMES_PER_TURN` in each turn of the event loop; with `everyMs`, one and a pause. The
   * moment of sending is written into the event.
   */
  { do: 'emit'; frames: Frame[]; everyMs: number } | { do: 'cost' };
export type FromBare =
  { did: 'listening'; url: string } | { did: 'emitted' } | ({ did: 'cost' } & Cost) | { did: 'done' };

export interface Cost {
  cpuUs: number;
  rss: number;
  heapUsed: number;
}

/** As many at once as a busy journal tells a node: one a turn would cost the reference more than it must. */
const FRAMES_PER_TURN = 16;

const http = createServer();
const io = new Server(http, {
  path: '/live',
  transports: ['websocket'],
  serveClient: false,
  perMessageDeflate: false,
});
io.on('connection', (socket) => {
  void socket.join('all');
  socket.on('subscribe', ({ streams }: { streams: string[] }, ack: (answer: unknown) => void) =>
    ack({ ok: true, heads: streams.map((stream) => ({ stream, position: { epoch: 'bare', seq: 0 } })), refused: [] }),
  );
});

async function emit(frames: readonly Frame[], everyMs: number): Promise<void> {
  for (const [index, frame] of frames.entries()) {
    for (const event of frame.d) event.atMs = Date.now();
    io.to('all').emit('frames', [frame]);
    if (everyMs > 0) await new Promise((resolve) => setTimeout(resolve, everyMs));
    else if (index % FRAMES_PER_TURN === FRAMES_PER_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

function cost(): Cost {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { cpuUs: user + system, rss, heapUsed };
}

const tell = (message: FromBare): void => void process.send?.(message);
process.on('message', (message: ToBare) => {
  if (message.do === 'cost') tell({ did: 'cost', ...cost() });
  else void emit(message.frames, message.everyMs).then(() => tell({ did: 'emitted' }));
});
process.on('disconnect', () => process.exit(1));
http.listen(0, '127.0.0.1', () =>
  tell({ did: 'listening', url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }),
);
