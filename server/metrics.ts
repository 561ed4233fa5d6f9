/** What /metrics tells: requests, the live layer, the reading of files, and the process itself. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export function createMetrics(
  live: () => { sockets: number; streams: number; slow: number },
  driftingStreams: () => Promise<number>,
) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: 'svod_live_sockets',
    help: 'Open WebSockets on this node',
    registers,
    collect() {
      this.set(live().sockets);
    },
  });
  new Gauge({
    name: 'svod_live_streams',
    help: 'Streams served by this node',
    registers,
    collect() {
      this.set(live().streams);
    },
  });
  new Gauge({
    name: 'svod_live_slow_sockets',
    help: 'Sockets that take less than they are sent, and get no frames until they have caught up',
    registers,
    collect() {
      this.set(live().slow);
    },
  });
  let drift = 0;
  new Gauge({
    name: 'svod_counter_drift',
    help: 'Streams whose counters disagreed with a recount when they were last compared; the same on every node',
    registers,
    async collect() {
      // A database that is away must not take the other metrics along: the last figure stays.
      drift = await driftingStreams().catch(() => drift);
      this.set(drift);
    },
  });
  return {
    registry,
    requests: new Histogram({
      name: 'svod_http_request_seconds',
      help: 'Duration of HTTP requests by method and status class',
      labelNames: ['method', 'status'] as const,
      buckets: [0.01, 0.05, 0.1, 0.3, 1, 3, 10],
      registers,
    }),
    events: new Counter({ name: 'svod_journal_events_total', help: 'Events this node appended', registers }),
    files: new Histogram({
      name: 'svod_submission_reading_seconds',
      help: 'Duration of reading a submitted file, by outcome',
      labelNames: ['outcome'] as const,
      buckets: [0.1, 0.3, 1, 3, 10, 30],
      registers,
    }),
    journalLag: new Gauge({
      name: 'svod_journal_lag_seconds',
      help: 'Duration of the last look at the journal',
      registers,
    }),
    pushes: new Counter({
      name: 'svod_push_messages_total',
      help: 'Messages to devices that this node sent, by what the push service said',
      labelNames: ['outcome'] as const,
      registers,
    }),
    faults: new Counter({
      name: 'svod_faults_total',
      help: 'Unexpected errors',
      labelNames: ['where'] as const,
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
