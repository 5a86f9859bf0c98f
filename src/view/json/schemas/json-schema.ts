/** The JSON Schemas of the package, generated. */
import * as z from 'zod';
import { buildReportHeader } from '../../../base/report-header.js';
import { ARM64_FILE } from '../../../machine/arm64/arm64-file.js';
import { FLEET_LINES } from '../../../machine/fleet/fleet-lines.js';
import { X86_FILE } from '../../../machine/x86-64/x86-file.js';
import { FAILURES, REPORTS } from './report-schemas.js';

/** What the objects are that a schema describes, by its name. */
const DESCRIPTIONS: Readonly<Partial<Record<string, string>>> = {
  machine: 'a machine file, and what `kexec-file machine show --json` prints',
};

/**
 * Builds a JSON Schema (draft 2020-12) for each report, for the machine file, and for a line of the fleet file, by name. A report may
 * have more fields than its schema, so that a field can be added within a version.
 */
export function buildJsonSchemas(): Readonly<Record<string, object>> {
  const reports = Object.entries(REPORTS).map(([name, fields]) => [name, listObjects(fields)] as const);
  const built = Object.fromEntries(
    [...reports, ['machine', [ARM64_FILE, X86_FILE]] as const].map(([name, objects]) => [
      name,
      buildJsonSchema(name, objects),
    ]),
  );
  return { ...built, fleet: buildFleetSchema() };
}

/** A line of a fleet file, which has no header of a report. */
function buildFleetSchema(): object {
  const { $schema, ...body } = z.toJSONSchema(z.union(Object.values(FLEET_LINES)), { io: 'input' });
  return {
    $schema,
    $id: 'urn:kexec-file:fleet:1',
    title: 'kexec-file/fleet',
    description: 'a line of a fleet file, which `kexec-file machine pack` writes',
    ...body,
  };
}

/** The kinds of objects of a report. */
function listObjects(fields: z.ZodObject | z.ZodUnion<readonly z.ZodType[]>): readonly z.ZodObject[] {
  return fields instanceof z.ZodUnion
    ? fields.options.flatMap((option) => listObjects(option as z.ZodObject))
    : [fields];
}

function buildJsonSchema(name: string, objects: readonly z.ZodObject[]): object {
  const { schema, version } = buildReportHeader(name);
  const header = { schema: z.literal(schema), version: z.literal(version) };
  const kinds = [...objects, ...FAILURES].map((object) => addHeader(object, header));
  const { $schema, ...body } = z.toJSONSchema(z.union(kinds), { io: 'input', unrepresentable: 'any' });
  return {
    $schema,
    $id: `urn:${schema.replace('/', ':')}:${version}`,
    title: schema,
    description: DESCRIPTIONS[name] ?? `what \`kexec-file ${name.replace('-', ' ')} --json\` prints`,
    ...body,
  };
}

/** Puts the header first. A machine file has one of its own, which it may lack. */
function addHeader(object: z.ZodObject, header: z.ZodRawShape): z.ZodObject {
  if ('schema' in object.shape) return object;
  const whole = z.object({ ...header, ...object.shape });
  const { catchall } = object.def;
  return catchall === undefined ? whole : whole.catchall(catchall);
}
