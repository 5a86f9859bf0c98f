import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Ajv, ValidateFunction } from 'ajv';

/** A SARIF log, as far as tests read it. */
export interface SarifFile {
  readonly version: string;
  readonly runs: readonly [
    {
      readonly results: readonly {
        readonly ruleId: string;
        readonly level: string;
        readonly baselineState?: string;
        readonly message: { readonly text: string };
        readonly locations: readonly [
          { readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } } },
        ];
      }[];
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    },
  ];
}

const require = createRequire(import.meta.url);

let validator: ValidateFunction | undefined;

/** Parses a SARIF log, and holds it against the schema of OASIS. Every rule that a result names is in it, once. */
export function parseSarif(text: string): SarifFile {
  validator ??= loadSchema();
  const log = JSON.parse(text) as SarifFile;
  if (!validator(log)) throw new Error(JSON.stringify(validator.errors, null, 2));
  const [{ results, tool }] = log.runs;
  const rules = tool.driver.rules.map(({ id }) => id);
  const named = [...new Set(results.map(({ ruleId }) => ruleId))];
  if (rules.join() !== named.join()) throw new Error(`rules ${rules.join()} of results of ${named.join()}`);
  for (const { locations } of results)
    new URL(locations[0].physicalLocation.artifactLocation.uri, 'file:///');
  return log;
}

function loadSchema(): ValidateFunction {
  const path = require.resolve('@microsoft/jest-sarif/package.json');
  // It is of draft 4; only its names for schemas differ from what ajv knows.
  const {
    $schema: _,
    id: __,
    ...schema
  } = JSON.parse(
    readFileSync(path.replace('package.json', 'lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8'),
  ) as Record<string, unknown>;
  const { Ajv: Validator } = require('ajv') as { readonly Ajv: new (options: object) => Ajv };
  // Addresses are parsed above.
  return new Validator({
    strict: false,
    validateFormats: false,
    unicodeRegExp: false,
    allErrors: true,
  }).compile(schema);
}
