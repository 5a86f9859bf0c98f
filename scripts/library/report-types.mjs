/**
 * The types of the reports that `--json` prints, as plain TypeScript. In src they are inferred from schemas of zod, whose
 * types a user of the package does not have.
 */
import { compile } from 'json-schema-to-typescript';
import * as z from 'zod';
import { REPORTS } from '../../dist/view/json/schemas/report-schemas.js';

/** The declarations that they take the place of, from dist. */
export const REPORT_TYPES = 'view/json/schemas/report-schemas.d.ts';

const REST = `
/** The reports by name, without the header. */
export type ReportName = keyof Reports;

/** A value that nobody changes, with all that is in it. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** What a command prints, without the header. */
export type Report<Name extends ReportName> = DeepReadonly<Reports[Name]>;
`;

/** Formats the declarations. */
export async function formatReportTypes() {
  const schema = z.toJSONSchema(z.object(REPORTS), {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
  });
  const { $schema: _, definitions = {}, ...body } = schema;
  const types = await compile({ ...inlineParts(body, definitions), title: 'Reports' }, 'Reports', {
    additionalProperties: false,
    bannerComment: '/** What the commands print with `--json`: generated from the schemas of the package. */',
    style: { singleQuote: true, printWidth: 110 },
  });
  return `${types}${REST}`;
}

/** A schema with its parts in their places: they are no types of their own in src, either. */
function inlineParts(value, parts) {
  if (Array.isArray(value)) return value.map((item) => inlineParts(item, parts));
  if (typeof value !== 'object' || value === null) return value;
  const { $ref, ...fields } = value;
  const { id: _, ...part } = $ref === undefined ? {} : parts[$ref.replace('#/definitions/', '')];
  const whole = { ...part, ...fields };
  return Object.fromEntries(Object.entries(whole).map(([name, field]) => [name, inlineParts(field, parts)]));
}
