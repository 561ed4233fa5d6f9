/** The facts of appointments: heard in the unit itself and, of an institution, in the unit above it. */
import type { Context } from '../context.ts';
import { CABINET_KINDS } from '../contextual-data/contextual-data.ts';
import type { Fact } from '../journal/journal.ts';
import { appointmentsStream } from '../journal/stream.ts';
import type { Unit } from '../org/unit.ts';
import { appointmentView, type Appointment } from './appointment.ts';

/** The parts of the page that a unit's appointments stand in. */
export function partsOf({ id, kind, parent }: Pick<Unit, 'id' | 'kind' | 'parent'>): string[] {
  const isListedAbove = parent !== null && (CABINET_KINDS as readonly string[]).includes(kind);
  return isListedAbove ? [id, parent] : [id];
}

export function createAppointmentFacts({ units, procedures }: Pick<Context, 'units' | 'procedures'>) {
  return async function factsOf(appointments: readonly Appointment[]): Promise<Fact[]> {
    const titles = new Map<string, string>();
    for (const id of new Set(appointments.flatMap(({ procedure }) => procedure ?? [])))
      titles.set(id, (await procedures.find(id))?.title ?? id);
    const named = new Map(
      (await units.list({ _id: { $in: [...new Set(appointments.map(({ unit }) => unit))] } })).map((unit) => [
        unit.id,
        unit,
      ]),
    );
    return appointments.flatMap((appointment) => {
      const unit = named.get(appointment.unit);
      if (!unit) return [];
      const { id: entity, rev, procedure } = appointment;
      const names = { unitName: unit.name, procedureTitle: procedure === null ? null : (titles.get(procedure) ?? '') };
      const body = { appointment: appointmentView(appointment, names) };
      return partsOf(unit).map((part): Fact => ({
        stream: appointmentsStream(part),
        type: 'appointmentChanged',
        entity,
        rev,
        body,
      }));
    });
  };
}

export type AppointmentFacts = ReturnType<typeof createAppointmentFacts>;
