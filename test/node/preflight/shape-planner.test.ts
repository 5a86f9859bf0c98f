import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FleetReader } from '../../../src/machine/fleet/fleet-reader.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { formatMachine } from '../../../src/machine/schema.js';
import { nodeFleetCodec } from '../../../src/node/codecs/node-fleet-codec.js';
import { packFleet } from '../../../src/node/fleet/pack-fleet.js';
import { cloneRequest } from '../../../src/node/preflight/preflight-job.js';
import { openShapeCache } from '../../../src/node/preflight/shape-cache.js';
import { ShapePlanner } from '../../../src/node/preflight/shape-planner.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { buildVariedMachine } from '../../support/varied-machines.js';
import { expectSameRows, planAlone, recorded, requests } from './same-rows.js';

describe('a fleet by shapes', () => {
  it('has the rows of its machines one by one', () => expectSameRows(2000));

  it('has the rows of its machines if all are different, and finds shapes later', () => {
    const planner = new ShapePlanner(requests);
    const [first, second] = recorded as [Machine, Machine];
    for (let index = 0; index < 600; index += 1) {
      const machine = { ...first, name: `m${index}`, totalRam: BigInt(index) << 20n };
      expect(planner.planMachine('f', machine)).toEqual(planAlone('f', machine));
    }
    expect(planner.planned).toBe(600);
    for (let index = 0; index < 900; index += 1) planner.planMachine('f', second);
    expect(planner.planned).toBeLessThan(1200);
    const planned = planner.planned;
    for (let index = 0; index < 100; index += 1) planner.planMachine('f', second);
    expect(planner.planned).toBe(planned);
  });

  it('has the same rows from machine files and from a fleet file', async () => {
    const machines = Array.from({ length: 400 }, (_, index) => buildVariedMachine(recorded, index % 320));
    const expected = machines.map((machine, index) => planAlone(`${index}`, machine));
    const fromFiles = new ShapePlanner(requests);
    const bytes = machines.map((machine) => Buffer.from(formatMachine(machine)));
    expect(bytes.map((file, index) => fromFiles.planFile(`${index}`, file))).toEqual(expected);

    const fromFleet = new ShapePlanner(requests);
    const reader = new FleetReader('fleet', nodeFleetCodec);
    const source = async function* () {
      yield* machines.map((machine, index) => ({ file: `${index}`, machine }));
    };
    const rows: unknown[] = [];
    let number = 0;
    for await (const piece of packFleet(source(), { machines: 0, facts: 0 })) {
      for (const line of piece.toString().trimEnd().split('\n')) {
        number += 1;
        const read = reader.read(Buffer.from(line), number);
        if (read !== undefined && 'template' in read)
          rows.push(fromFleet.planItem({ file: read.file, machine: read }));
      }
    }
    reader.finish();
    expect(rows).toEqual(expected);
    expect(fromFleet.planned).toBe(fromFiles.planned);
  });
});

describe('a machine file that is known but for its name', () => {
  const [machine] = recorded as [Machine];
  const text = formatMachine({ ...machine, name: 'one' });

  it('has its own name, also one that is written twice', () => {
    const planner = new ShapePlanner(requests);
    const twice = text.replace(/\n\}\s*$/, ',\n  "name": "last"\n}\n');
    for (const name of ['one', 'two', 'three', 'four']) {
      const renamed = (file: string) => Buffer.from(file.replace('"name": "one"', `"name": "${name}"`));
      expect(planner.planFile('f', renamed(text))).toEqual(planAlone('f', { ...machine, name }));
      expect(planner.planFile('f', renamed(twice))).toEqual(planAlone('f', { ...machine, name: 'last' }));
    }
    expect(planner.planned).toBe(1);
  });

  it('is refused each time if it is malformed', () => {
    const planner = new ShapePlanner(requests);
    const bad = Buffer.from(text.replace('"pageSize": 4096', '"pageSize": 5'));
    for (let time = 0; time < 3; time += 1) {
      const [row] = planner.planFile('f', bad);
      expect(row).toMatchObject({ file: 'f', unreadable: { check: 'machine-schema' } });
    }
  });
});

describe('the cache of shapes', () => {
  const machines = Array.from({ length: 60 }, (_, index) => buildVariedMachine(recorded, index));
  const clones = requests.map(cloneRequest);
  const run = (folder: string, version = '1') => {
    const planner = new ShapePlanner(requests, openShapeCache(folder, clones, version));
    const rows = machines.map((machine) => planner.planMachine('f', machine));
    expect(rows).toEqual(machines.map((machine) => planAlone('f', machine)));
    return planner.planned;
  };
  const listFiles = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));

  it('saves planning in the next run, but not of another version', () => {
    const folder = makeTemporaryFolder();
    const planned = run(folder);
    expect(planned).toBeGreaterThan(10);
    expect(run(folder)).toBe(0);
    expect(run(folder, '2')).toBe(planned);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('plans again what is damaged, and leaves no temporary file', () => {
    const folder = makeTemporaryFolder();
    run(folder);
    const files = listFiles(folder);
    const [first, second, third] = files.map((file) => join(folder, file)) as [string, string, string];
    writeFileSync(first, readFileSync(first, 'utf8').replace(/"entry":"0x/, '"entry":"0x1'));
    writeFileSync(second, randomUUID());
    writeFileSync(third, '');
    expect(run(folder)).toBeGreaterThanOrEqual(2);
    expect(run(folder)).toBe(0);
    const all = readdirSync(folder, { recursive: true, withFileTypes: true });
    expect(all.filter((entry) => entry.isFile())).toHaveLength(files.length);
  });
});
